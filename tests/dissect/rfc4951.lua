-- What tshark 4.0 shows of RFC 4951 only as bytes: a postdissector that reads the AVPs 76 to 79 of L2TPv2 and judges
-- them (RFC 4951 5). Load it with `tshark -X lua_script:rfc4951.lua`; each breach is an expert error.
local rfc4951 = Proto("rfc4951", "Failover Extensions for L2TP")

local f = rfc4951.fields
f.control = ProtoField.bool("rfc4951.capability.control", "Control channel failover (C)")
f.data = ProtoField.bool("rfc4951.capability.data", "Data channel failover (D)")
f.time = ProtoField.uint32("rfc4951.capability.recovery_time", "Recovery Time, ms")
f.recover = ProtoField.uint16("rfc4951.recover_tunnel_id", "Recover Tunnel ID")
f.recover_remote = ProtoField.uint16("rfc4951.recover_remote_tunnel_id", "Recover Remote Tunnel ID")
f.ns = ProtoField.uint16("rfc4951.suggested_ns", "Suggested Ns")
f.nr = ProtoField.uint16("rfc4951.suggested_nr", "Suggested Nr")
f.session = ProtoField.uint16("rfc4951.session_id", "Session ID")
f.remote_session = ProtoField.uint16("rfc4951.remote_session_id", "Remote Session ID")

local breach = ProtoExpert.new("rfc4951.breach", "RFC 4951 is broken", expert.group.PROTOCOL, expert.severity.ERROR)
rfc4951.experts = {breach}

local SCCRQ, SCCRP, STOPCCN, FSQ, FSR = 1, 2, 4, 21, 22

-- By type: the octets of the value, whether M is set, whether it may be hidden, which messages may carry it, and what
-- it holds. StopCCN may not carry 76 (5.1), but a JUNOSe LAC that gives up sends one; none of ours does.
local avps = {
  [76] = {name = "Failover Capability", size = 6, mandatory = false, hideable = true, carriers = {[SCCRQ] = 1, [SCCRP] = 1},
    show = function(tree, value, complain)
      local bits = value(0, 2):uint()
      tree:add(f.control, value(0, 2), bits % 2 == 1)
      tree:add(f.data, value(0, 2), math.floor(bits / 2) % 2 == 1)
      tree:add(f.time, value(2, 4))
      if bits > 3 then complain("reserved bits of AVP 76 are not zero (5.1)") end
      if bits % 4 == 0 then complain("neither C nor D is set (5.1)") end
    end},
  [77] = {name = "Tunnel Recovery", size = 10, mandatory = true, hideable = false, carriers = {[SCCRQ] = 1},
    show = function(tree, value, complain)
      tree:add(f.recover, value(4, 2))
      tree:add(f.recover_remote, value(8, 2))
      if value(0, 4):uint() ~= 0 or value(6, 2):uint() ~= 0 then complain("reserved octets of AVP 77 are not zero (5.2)") end
      if value(4, 2):uint() == 0 or value(8, 2):uint() == 0 then complain("AVP 77 has tunnel id 0 (5.2)") end
    end},
  [78] = {name = "Suggested Control Sequence", size = 6, mandatory = false, hideable = true, carriers = {[SCCRP] = 1},
    show = function(tree, value, complain)
      tree:add(f.ns, value(2, 2))
      tree:add(f.nr, value(4, 2))
      if value(0, 2):uint() ~= 0 then complain("reserved octets of AVP 78 are not zero (5.3)") end
    end},
  [79] = {name = "Failover Session State", size = 10, mandatory = true, hideable = true, carriers = {[FSQ] = 1, [FSR] = 1},
    show = function(tree, value, complain)
      tree:add(f.session, value(4, 2))
      tree:add(f.remote_session, value(8, 2))
      if value(0, 4):uint() ~= 0 or value(6, 2):uint() ~= 0 then complain("reserved octets of AVP 79 are not zero (5.4)") end
    end},
}

-- The AVPs of a control message as a list, or nothing where it is none of L2TPv2 or does not hold what it says.
local function read(payload)
  if payload:len() < 12 or payload(0, 2):uint() ~= 0xc802 then return nil end
  local list, at, stop = {}, 12, math.min(payload(2, 2):uint(), payload:len())
  while at + 6 <= stop do
    local head = payload(at, 2):uint()
    local length = head % 1024
    if length < 6 or at + length > stop then return nil end
    table.insert(list, {
      range = payload(at, length), mandatory = head >= 0x8000, hidden = math.floor(head / 0x4000) % 2 == 1,
      vendor = payload(at + 2, 2):uint(), type = payload(at + 4, 2):uint(),
      value = length > 6 and payload(at + 6, length - 6) or nil,
    })
    at = at + length
  end
  return list
end

local function judge(tree, message, seen, complain)
  if seen[76] and seen[77] then complain("a recovery tunnel announces Failover Capability (3.2.1)") end
  if seen[77] and not seen[5] then complain("a recovery tunnel without Tie Breaker (3.2.1)") end
  if (message == FSQ or message == FSR) and not seen[79] then complain("FSQ or FSR without session (4)") end
end

function rfc4951.dissector(buffer, pinfo, root)
  local udp  -- behind its header the message begins
  for _, info in ipairs({all_field_infos()}) do
    if info.name == "udp" then udp = info end
  end
  if not udp then return end
  local at = udp.offset + udp.len
  if at >= buffer:len() then return end
  local avplist = read(buffer(at):tvb())
  if not avplist or #avplist == 0 or not avplist[1].value then return end
  local message = avplist[1].value:uint()

  local tree
  local function open() tree = tree or root:add(rfc4951, buffer(at)); return tree end
  local function complain(text) open():add_proto_expert_info(breach, text) end
  local seen = {}
  if (message == FSQ or message == FSR) and avplist[1].mandatory then complain("FSQ or FSR with M set (4)") end
  for _, avp in ipairs(avplist) do
    if avp.vendor == 0 then seen[avp.type] = true end
    local spec = avp.vendor == 0 and avps[avp.type]
    if spec then
      local branch = open():add(avp.range, spec.name)
      if avp.mandatory ~= spec.mandatory then complain("M bit of AVP " .. avp.type .. " is wrong (5)") end
      if not spec.carriers[message] then complain("AVP " .. avp.type .. " in message " .. message .. " (5)") end
      if avp.hidden then
        if not spec.hideable then complain("AVP " .. avp.type .. " is hidden (5.2)") end
      elseif not avp.value or avp.value:len() ~= spec.size then
        complain("AVP " .. avp.type .. " has a wrong length (5)")
      else
        spec.show(branch, avp.value, complain)
      end
    end
  end
  judge(tree, message, seen, complain)
end

register_postdissector(rfc4951)
