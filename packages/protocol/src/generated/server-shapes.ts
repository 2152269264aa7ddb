// Made by scripts/generate-shapes.ts from the zod schemas; `pnpm generate` makes it anew. Not to be edited.
/** Read by `shapesOf`. */
export const serverShapes =
  "A:s64 or i" +
  ",B:n or d" +
  ",C:s64/^(?!(?:__proto__|constructor|prototype)$)/ or i" +
  ",D:=true" +
  ",E:{timestamp?:t,coinId?:C,userId?:A,sub~:s128,seq~:i1,epoch~:s64,skip~:i0,replay~:D,snapshot~:D}" +
  ",F:[{coinId?:C,amount?:B,value?:B},10000]" +
  ",G:{data?:{coinId?:C,subscription?:s},...:E}" +
  ",H:s128 or n" +
  ",I:[s,100]" +
  ",J:=state=event" +
  ",.alert_triggered:{data:{alertId:A,alertType:s,condition:{targetPrice?:B,percentageChange?:B,volumeThreshold?:B,usdValue?:B,socialThreshold?:B},triggeredAt:t,coinId?:C,coinData?:{}},...:E}" +
  ",.whale_movement:{data:{coinId:C,txHash:s,fromAddress:s,toAddress:s,amount:B,usdValue:B,timestamp:t},...:E}" +
  ",.social_spike:{data:{coinId:C,platform:s,mentions24h:B,sentimentScore:B,trendingScore:B,change:B,timestamp:t},...:E}" +
  ",.portfolio_update:{data:{totalValue:B,userId?:A,totalProfitLoss?:B,totalProfitLossPercentage?:B,holdings?:F,portfolio?:F},...:E}" +
  ",.portfolio_value_update:{data?:{userId?:A,coinId?:C,holdingId?:A,currentValue?:B,profitLoss?:B,profitLossPercentage?:B,priceChange?:B,priceChangePercentage?:B},...:E}" +
  ",.wallet_integration_complete:{data?:{},...:E}" +
  ",.announcement:{data?:{message?:s,timestamp?:t},...:E}" +
  ",-welcome:{data?:{message?:s,connectionId?:s},...:E}" +
  ",-subscribed:G" +
  ",-unsubscribed:G" +
  ",-authenticated:{data?:{userId?:A},...:E}" +
  ",-error:{id?:H,data?:{code?:s,message?:s,error?:s,retryable~:*,retryAfterMs~:*},...:E,op?:s}" +
  ",-pong:{id?:H,ts?:n,echo?:n,timestamp?:t}" +
  ",-hello:{data:{protocol:i,connectionId:s,serverTime:n,heartbeatMs:n0,capabilities:I,limits:{maxSubscriptions?:n0,maxChannelsPerFrame?:n0,maxFrameBytes?:n0,messagesPerMinute?:n0,authTimeoutMs?:n0,burst?:n0}},timestamp?:t}" +
  ",-snapshot:{data:{items:[{channel:s128,epoch:s64,seq:i0,message:{}},2000]},timestamp?:t}" +
  ",-heartbeat:{data:{serverTime:n,heads:[map,s128,i0,10000]},timestamp?:t}" +
  ",-gap:{data:{channel:s128,from!:i0,to!:i0,reason?:s,epoch?:s64},timestamp?:t}" +
  ",-going_away:{data:{reason?:s,reconnectAfterMs~:*,deadlineMs~:*},timestamp?:t}" +
  ",-batch:{messages:[*,100],timestamp?:t}" +
  ",ack.subscribe:{id:H,data:{subscribed:[{channel:s128,kind:J,epoch:s64,seq:i0,recovered:b,reason?:s},2000],rejected?:[{channel:s128,code:s,retryable~:*,retryAfterMs~:*},2000]},timestamp?:t}" +
  ",ack.unsubscribe:{id:H,data:{unsubscribed:[s128,2000]},timestamp?:t}" +
  ",ack.authenticate:{id:H,data:{userId:A,expiresAt?:n,scopes?:I,subscribed?:[{channel:s128,epoch:s64,seq:i0,kind?:J,recovered?:b,reason?:s},100]},timestamp?:t}" +
  ",ack.history:{id:H,data:{channel:s128,epoch:s64,seq:i0,complete:b,messages:[*,1000]},timestamp?:t}" +
  ",ack.catalog:{id:H,data:{items:[{channel:s128,id:A,aliases?:[A,100],currency?:s,unit?:s,staleAfterMs?:n0},10000],revision?:A},timestamp?:t}" +
  ",ack.alert_create:{id:H,data:{alertId:A,created:b,clientRef?:s},timestamp?:t}" +
  ",ack.alert_list:{id:H,data:{items:[{alertId:A,alertType:s,condition:{},coinId?:C},1000]},timestamp?:t}" +
  ",ack.alert_delete:{id:H,data:{alertId:A},timestamp?:t}" +
  ",ack.mark:{id:H,data:{channel:s128,seq:i0},timestamp?:t}" +
  ",-ack:{id:H,op:s/^(?!(?:subscribe|unsubscribe|authenticate|history|catalog|alert_create|alert_list|alert_delete|mark)$)/,timestamp?:t}";
