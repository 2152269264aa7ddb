/**
 * What the Redis engine does in Redis, each in one step that nothing comes between. Times are those of Redis, so that nodes
 * whose clocks differ agree; all keys of a call lie in one partition. Pure text.
 */
import { createHash } from 'node:crypto';

/** A script, and the name under which Redis remembers it. */
export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

function script(text: string): RedisScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/**
 * What all share. A head is `e` (epoch), `f` (the first seq of this epoch: logs go on where an epoch has to end), `s` (seq), `b`
 * (bytes of the log), `o` (when the oldest in it was published), `i` (the id of the newest) and `r` (the latest right by which
 * anybody published). What this server did not write is no head, and no entry.
 */
const common = `
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function whole(number) return string.format('%.0f', number) end
local function readHead(key)
  local found = redis.pcall('HMGET', key, 'e', 's', 'b', 'o', 'i', 'f', 'r')
  if found.err then redis.call('DEL', key) return nil end
  local seq = tonumber(found[2])
  if not found[1] or #found[1] > 64 or not seq or seq < 0 or seq > 9007199254740000 or seq % 1 ~= 0 then return nil end
  local head = { e = found[1], s = seq, f = tonumber(found[6]) or 1 }
  head.b, head.o, head.i = tonumber(found[3]) or 0, tonumber(found[4]) or 0, found[5] or ''
  head.r = tonumber(found[7]) or 0
  return head
end
local function fieldsOf(entry)
  local fields = {}
  for index = 1, #entry[2] - 1, 2 do fields[entry[2][index]] = entry[2][index + 1] end
  return fields
end
local function lengthOf(log)
  local length = redis.pcall('XLEN', log)
  if type(length) == 'number' then return length end
  redis.call('DEL', log)
  return 0
end
local function trim(log, head, now, most, bytes, window)
  local length = lengthOf(log)
  local left = 100
  while length > 1 and left > 0 and (length > most or head.b > bytes or head.o < now - window) do
    local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 2)
    redis.call('XDEL', log, oldest[1][1])
    head.b = math.max(0, head.b - #(fieldsOf(oldest[1]).b or ''))
    head.o = tonumber(fieldsOf(oldest[2]).t) or 0
    length = length - 1
    left = left - 1
  end
  return left < 100
end
`;

/**
 * KEYS head, log, channels, account (or channels again). ARGV channel, live, tag, body, id, candidate of an epoch, time or '',
 * messages, bytes and ms of the log, lifetime, ms after which what is private is outdated, 1 for a new epoch, epoch and seq
 * that the publisher has seen, room of the partition, room of the account or 0, right or 0. Answers state, epoch, seq, foreign entries.
 */
export const publishScript = script(`${common}
local channel, live, tag, body, id, candidate = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local now = clock(ARGV[7])
local most, bytes, window, lifetime, outdated = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local seenEpoch, seenSeq, room, share = ARGV[14], tonumber(ARGV[15]), tonumber(ARGV[16]), tonumber(ARGV[17])
local headKey, log, channels, account = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local right = tonumber(ARGV[18])
local head = readHead(headKey)
if head and right > 0 and right < head.r then return { 'outlived', '', 0, 0 } end

local function isPrivate(name) return string.find(name, '^user:') or string.find(name, '^portfolio:') end
local function forget(names, most)
  for _, name in ipairs(names) do
    if most == 0 then return end
    if isPrivate(name) and name ~= channel then
      redis.call('DEL', tag .. ':head:' .. name, tag .. ':log:' .. name)
      redis.call('ZREM', channels, name)
      if share > 0 then redis.call('ZREM', account, name) end
      most = most - 1
    end
  end
end
if not redis.call('ZSCORE', channels, channel) then
  if share > 0 and redis.call('ZCARD', account) >= share then
    forget(redis.call('ZRANGEBYSCORE', account, '-inf', '(' .. whole(now - outdated), 'LIMIT', 0, 200), 200)
    if redis.call('ZCARD', account) >= share then return { 'account', '', 0, 0 } end
  end
  if redis.call('ZCARD', channels) >= room then
    redis.call('ZREMRANGEBYSCORE', channels, '-inf', '(' .. whole(now - lifetime))
    if redis.call('ZCARD', channels) >= room then
      forget(redis.call('ZRANGE', channels, 0, 199), math.max(1, math.floor(room / 100)))
    end
    if redis.call('ZCARD', channels) >= room then return { 'channels', '', 0, 0 } end
  end
end

if not head or ARGV[13] == '1' then
  redis.call('DEL', log)
  head = { e = candidate, f = 1, s = 0, b = 0, o = now, r = head and head.r or 0 }
elseif head.e == seenEpoch and head.s < seenSeq then
  -- This Redis has lost what the publisher knows of: the numbers that follow were used before.
  head.e = candidate
  head.f = head.s + 1
end
head.s = head.s + 1
local time = whole(now)
local added = redis.pcall('XADD', log, whole(head.s) .. '-0', 'b', body, 't', time, 'i', id)
local foreign = 0
if type(added) == 'table' and added.err then
  if string.find(added.err, 'OOM') then return redis.error_reply(added.err) end
  -- Somebody else wrote here. What is ours stays.
  local kept = redis.pcall('XRANGE', log, '-', '+')
  redis.call('DEL', log)
  head.b = 0
  head.o = now
  if kept.err then
    kept = {}
    foreign = 1
  end
  for _, entry in ipairs(kept) do
    local fields = fieldsOf(entry)
    local seq = tonumber(string.match(entry[1], '^(%d+)%-0$'))
    if seq and seq < head.s and fields.b and fields.t and fields.i then
      redis.call('XADD', log, entry[1], 'b', fields.b, 't', fields.t, 'i', fields.i)
      if head.b == 0 then head.o = tonumber(fields.t) or 0 end
      head.b = head.b + #fields.b
    else
      foreign = foreign + 1
    end
  end
  redis.call('XADD', log, whole(head.s) .. '-0', 'b', body, 't', time, 'i', id)
end
head.b = head.b + #body
if redis.call('XLEN', log) == 1 then head.o = now end
trim(log, head, now, most, bytes, window)
redis.call('HSET', headKey, 'e', head.e, 'f', whole(head.f), 's', whole(head.s), 'b', whole(head.b), 'o', whole(head.o), 'i', id, 'r', whole(math.max(right, head.r)))
redis.call('PEXPIRE', headKey, lifetime)
redis.call('PEXPIRE', log, lifetime)
redis.call('ZADD', channels, time, channel)
redis.call('PEXPIRE', channels, lifetime)
if share > 0 then
  redis.call('ZADD', account, time, channel)
  redis.call('PEXPIRE', account, lifetime)
end
redis.call('PUBLISH', live, '1 ' .. head.e .. ' ' .. whole(head.s) .. ' ' .. time .. ' ' .. id .. '\\n' .. body)
return { 'ok', head.e, whole(head.s), foreign }
`);

/**
 * What a channel that nobody published to is asked for gets a head as well, for a short while: its epoch has to be the same
 * when the first message comes.
 */
const askedHead = `
local function askedHead(headKey, log, candidate, lifetime, askedLifetime)
  local head = readHead(headKey)
  if head and head.s > 0 then
    redis.call('PEXPIRE', headKey, lifetime)
    redis.call('PEXPIRE', log, lifetime)
    return head
  end
  if not head then
    redis.call('DEL', headKey, log)
    head = { e = candidate, f = 1, s = 0, b = 0, o = 0, i = '' }
    redis.call('HSET', headKey, 'e', candidate, 's', 0)
  end
  redis.call('PEXPIRE', headKey, askedLifetime)
  return head
end
`;

/**
 * KEYS head, log. ARGV candidate, time or '', messages, bytes and ms of the log, lifetime, lifetime of what is only asked for,
 * epoch and seq to read from, or '' for the newest, and how many. Another epoch is answered with all that is of this one.
 */
export const readScript = script(`${common}${askedHead}
local now = clock(ARGV[2])
local head = askedHead(KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[6]), tonumber(ARGV[7]))
if head.s > 0 and trim(KEYS[2], head, now, tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])) then
  redis.call('HSET', KEYS[1], 'b', whole(head.b), 'o', whole(head.o))
end
local newest = whole(head.s) .. '-0'
local limit = tonumber(ARGV[10])
local entries = {}
if lengthOf(KEYS[2]) > 0 and limit > 0 then
  local from = ARGV[8] == head.e and tonumber(ARGV[9]) or head.f
  if ARGV[8] == '' then
    entries = redis.call('XREVRANGE', KEYS[2], newest, '-', 'COUNT', limit)
  elseif from <= head.s then
    entries = redis.call('XRANGE', KEYS[2], whole(from) .. '-0', newest, 'COUNT', limit)
  end
end
return { head.e, whole(head.s), head.i, whole(head.f), entries }
`);

/** KEYS head and log of each channel. ARGV candidate, lifetime, lifetime of what is only asked for. Answers epoch, seq, id of each. */
export const headsScript = script(`${common}${askedHead}
local answer = {}
for index = 1, #KEYS, 2 do
  local head = askedHead(KEYS[index], KEYS[index + 1], ARGV[1] .. index, tonumber(ARGV[2]), tonumber(ARGV[3]))
  answer[#answer + 1] = head.e
  answer[#answer + 1] = whole(head.s)
  answer[#answer + 1] = head.i
end
return answer
`);

/** KEYS head. ARGV the epoch that must not go on, and its successor: whoever notices first ends it. */
export const endEpochScript = script(`${common}
local head = readHead(KEYS[1])
if head and head.e == ARGV[1] then redis.call('HSET', KEYS[1], 'e', ARGV[2], 'f', whole(head.s + 1)) end
return 'ok'
`);

/** KEYS head, log. ARGV candidate, lifetime, right: what is published by an earlier one is refused from now on. */
export const sealScript = script(`${common}${askedHead}
local lifetime = tonumber(ARGV[2])
local head = askedHead(KEYS[1], KEYS[2], ARGV[1], lifetime, lifetime)
if (head.r or 0) < tonumber(ARGV[3]) then redis.call('HSET', KEYS[1], 'r', ARGV[3]) end
return 'ok'
`);

/**
 * KEYS the right. ARGV holder, ms, lifetime. Answers the number by which the holder has it, or 0. It is never deleted with its
 * holder, so that numbers grow; should they be lost, the time is greater than all of them. An end that no holder can have asked for
 * is that of a clock that was set back.
 */
export const claimScript = script(`${common}
local found = redis.pcall('HMGET', KEYS[1], 'h', 'n', 'u')
if found.err then
  redis.call('DEL', KEYS[1])
  found = {}
end
local now, span = clock(''), tonumber(ARGV[2])
local number, ends = tonumber(found[2]) or 0, tonumber(found[3]) or 0
local isHeld = ends > now and ends <= now + 2 * span
if isHeld and found[1] ~= ARGV[1] then return 0 end
if not isHeld then number = math.max(number + 1, now) end
redis.call('HSET', KEYS[1], 'h', ARGV[1], 'n', whole(number), 'u', whole(now + span))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return whole(number)
`);

/** KEYS the right. ARGV holder: if it is that one's, it ends now. */
export const releaseScript = script(`
if redis.call('HGET', KEYS[1], 'h') == ARGV[1] then redis.call('HSET', KEYS[1], 'u', 0) end
return 'ok'
`);
