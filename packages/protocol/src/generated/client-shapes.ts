// Made by scripts/generate-shapes.ts from the zod schemas; `pnpm generate` makes it anew. Not to be edited.
/** Read by `shapesOf`. */
export const clientShapes =
  "A:s16384-1" +
  ",B:s128 or n" +
  ",C:s/^(?:(?:coin|metal|whales|social):(?!(?:constructor|prototype)$)[a-z0-9][a-z0-9_-]{0,63}|whales|social|global|user|portfolio)$/" +
  ",D:s64 or n" +
  ",E:s/^(?!(?:constructor|prototype)$)[a-z0-9][a-z0-9_-]{0,63}$/ or i0" +
  ",F:{id:B}" +
  ",G:n or d" +
  ",authenticate.token:{data:{token:A},id~:B}" +
  ",authenticate.apiKey:{data:{apiKey:A,token~:-},id~:B}" +
  ",subscribe.channels:{id:B,data:{channels:[{channel:C,epoch~:s64,seq~:i0,minIntervalMs~:n0,filter~:[{key:=usdValue=amount=priceChange24h=sentimentScore=trendingScore=mentions24h=platform=coinId,cmp:=eq=neq=in=nin=gt=gte=lt=lte,val~:D,vals~:[D,100]},8,1]},200]}}" +
  ",unsubscribe.channels:{id:B,data:{channels:[C,200]}}" +
  ",subscription.coinId:{data:{coinId:E,channels~:-},id~:B}" +
  ",subscription.channel:{data:{channel:C,channels~:-,coinId~:-},id~:B}" +
  ",subscription.metals:{metals:[s/^(?!(?:constructor|prototype)$)[a-z0-9][a-z0-9_-]{0,63}$/,50],id~:B,data~:{channels~:-,coinId~:-,channel~:-}}" +
  ",.ping:{id~:B,ts~:n}" +
  ",.hello:{data:{protocol:i,client~:s4096}}" +
  ",.history:{id:B,data:{channel:C,since~:{epoch:s64,seq:i0},limit~:i0}}" +
  ",.catalog:F" +
  ",.alert_create:{id:B,data:{alertType:=price_above=price_below=percent_change=volume_spike=whale_movement=social_spike,condition:{targetPrice~:G,percentageChange~:G,volumeThreshold~:G,usdValue~:G,socialThreshold~:G},coinId~:E,cooldownMs~:n0,hysteresisPct~:n0,clientRef~:s128}}" +
  ",.alert_list:F" +
  ",.alert_delete:{id:B,data:{alertId:s64 or i}}" +
  ",.mark:{id:B,data:{channel:C,seq:i0}}";
