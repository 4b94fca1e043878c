-- The highest rate that Holdfast forwards without loss, by bisection (the throughput of RFC 2544 26.1), for Pktgen-DPDK
-- that replays a capture on one port and receives on another, which may be the same:
--
--   pktgen -l 0-2 -n 4 -- -P -m "1.0, 2.1" -s 0:lns-decap.pcap -f throughput.lua
--
-- What may be set in the environment:
--   HOLDFAST_TX        port that sends (0)
--   HOLDFAST_RX        port that receives what was forwarded (1)
--   HOLDFAST_SECONDS   of sending in each trial (10)
--   HOLDFAST_LOSS      parts in a million that a trial may lose (0)
--   HOLDFAST_STEP      where bisection stops, in percent of the line rate (0.5)
package.path = package.path .. ";?.lua;test/?.lua;app/?.lua"
require "Pktgen"

local function setting(name, default)
  local text = os.getenv("HOLDFAST_" .. name)
  if text == nil then return default end
  local value = tonumber(text)
  if value == nil or value < 0 then error("HOLDFAST_" .. name .. " must be a number, not '" .. text .. "'") end
  return value
end

local tx, rx = setting("TX", 0), setting("RX", 1)
local seconds, loss, step = setting("SECONDS", 10), setting("LOSS", 0), setting("STEP", 0.5)
if step == 0 then error("HOLDFAST_STEP must be more than 0") end
local settle = 500 -- milliseconds until nothing is under way any more

local function counted(port, what)
  return pktgen.portStats(tostring(port), "port")[port][what]
end

-- Sends for a while at so many percent of the line rate: packets sent, packets that came back.
local function trial(percent)
  pktgen.set(tostring(tx), "rate", percent)
  pktgen.clr()
  pktgen.delay(settle)
  local sent, received = counted(tx, "opackets"), counted(rx, "ipackets")
  pktgen.start(tostring(tx))
  pktgen.delay(seconds * 1000)
  pktgen.stop(tostring(tx))
  pktgen.delay(settle)
  return counted(tx, "opackets") - sent, counted(rx, "ipackets") - received
end

pktgen.screen("off")
pktgen.set(tostring(tx), "count", 0) -- until it is stopped
local lowest, highest, best = 0, 100, nil
local percent = highest
while true do
  local sent, received = trial(percent)
  if sent == 0 then error("port " .. tx .. " sent nothing: is there a capture for it (-s " .. tx .. ":FILE)?") end
  local lost = math.max(0, sent - received)
  local holds = lost * 1000000 <= loss * sent
  print(string.format("%6.2f %%  %8.3f Mpps sent  %8.3f Mpps back  %d lost%s", percent, sent / seconds / 1e6,
                      received / seconds / 1e6, lost, holds and "" or "  too many"))
  if holds then
    best, lowest = {percent = percent, mpps = received / seconds / 1e6}, percent
  else
    highest = percent
  end
  if highest - lowest < step or lowest == 100 then break end
  percent = (lowest + highest) / 2
end
if best then
  print(string.format("throughput: %.3f Mpps at %.2f %% of the line rate", best.mpps, best.percent))
else
  print(string.format("throughput: none: packets are lost at %.2f %% of the line rate, too", highest))
end
pktgen.screen("on")
pktgen.quit()
