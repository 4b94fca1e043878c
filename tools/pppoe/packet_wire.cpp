#include "pppoe/packet_wire.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <system_error>
#include <unistd.h>

namespace holdfast::pppoe {
namespace {

constexpr int kBufferSize = 64 << 20;
constexpr std::size_t kAddresses = 12;

[[noreturn]] void give_up(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

template <class Value>
void set(int socket, int level, int option, const Value& value, const char* what) {
  if (::setsockopt(socket, level, option, &value, sizeof value) != 0) give_up(what);
}

}  // namespace

PacketWire::PacketWire(const std::string& interface) {
  const unsigned index = ::if_nametoindex(interface.c_str());
  if (index == 0) give_up("no interface " + interface);
  // Without a protocol nothing arrives before the socket is bound to the interface.
  socket_ = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (socket_ < 0) give_up("no packet socket");
  for (const int option : {SO_RCVBUFFORCE, SO_SNDBUFFORCE}) set(socket_, SOL_SOCKET, option, kBufferSize, "no buffers");
  set(socket_, SOL_PACKET, PACKET_AUXDATA, 1, "no VLAN tags");
  set(socket_, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, "can't leave out what others send");
  packet_mreq promiscuous{};
  promiscuous.mr_ifindex = static_cast<int>(index);
  promiscuous.mr_type = PACKET_MR_PROMISC;
  set(socket_, SOL_PACKET, PACKET_ADD_MEMBERSHIP, promiscuous, "can't take frames to other addresses");
  sockaddr_ll local{};
  local.sll_family = AF_PACKET;
  local.sll_protocol = htons(ETH_P_ALL);
  local.sll_ifindex = static_cast<int>(index);
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) give_up("can't use " + interface);

  for (std::size_t i = 0; i < kBatch; ++i) {
    in_pieces_[i] = {in_[i].octets.data() + kTag, in_[i].octets.size() - kTag};
    in_headers_[i].msg_hdr = {nullptr, 0, &in_pieces_[i], 1, in_[i].control.data(), 0, 0};
    out_headers_[i].msg_hdr = {nullptr, 0, &out_pieces_[i], 1, nullptr, 0, 0};
  }
  received_.reserve(kBatch);
}

PacketWire::~PacketWire() {
  flush();
  ::close(socket_);
}

void PacketWire::send(std::size_t length) {
  out_pieces_[queued_] = {out_[queued_].data(), length};
  if (++queued_ == kBatch) flush();
}

void PacketWire::flush() {
  for (std::size_t done = 0; done < queued_;) {
    const int sent = ::sendmmsg(socket_, &out_headers_[done], static_cast<unsigned>(queued_ - done), 0);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
    } else if (errno != EINTR) {
      // E.g. the interface is down, or its queue full: the frame is lost, as the network may lose any.
      ++send_errors_;
      ++done;
    }
  }
  queued_ = 0;
}

// The frame, with the outermost VLAN tag where it was on the wire.
Octets PacketWire::with_tag(Arrived& arrived, msghdr& header, std::size_t length) {
  std::uint8_t* const frame = arrived.octets.data() + kTag;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA) continue;
    tpacket_auxdata aux{};
    std::memcpy(&aux, CMSG_DATA(c), sizeof aux);
    if ((aux.tp_status & TP_STATUS_VLAN_VALID) == 0 || length < kAddresses) continue;
    const bool has_type = (aux.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
    const std::uint16_t type = htons(has_type ? aux.tp_vlan_tpid : ETH_P_8021Q), control = htons(aux.tp_vlan_tci);
    std::memmove(frame - kTag, frame, kAddresses);
    std::memcpy(frame - kTag + kAddresses, &type, sizeof type);
    std::memcpy(frame - kTag + kAddresses + 2, &control, sizeof control);
    return {frame - kTag, length + kTag};
  }
  return {frame, length};
}

const std::vector<Octets>& PacketWire::receive() {
  received_.clear();
  for (auto& header : in_headers_) header.msg_hdr.msg_controllen = sizeof(Arrived::control);
  const int count = ::recvmmsg(socket_, in_headers_.data(), kBatch, MSG_DONTWAIT, nullptr);
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    received_.push_back(with_tag(in_[at], in_headers_[at].msg_hdr, in_headers_[at].msg_len));
  }
  return received_;
}

}  // namespace holdfast::pppoe
