#include "lac/udp_wire.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <system_error>
#include <unistd.h>

namespace holdfast::lac {
namespace {

constexpr int kBufferSize = 16 << 20;

socklen_t write_address(sockaddr_storage& out, const IpAddress& address, std::uint16_t port) {
  std::memset(&out, 0, sizeof out);
  if (address.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(address.v4_value());
    return sizeof v4;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, address.octets.data(), address.octets.size());
  return sizeof v6;
}

std::uint16_t read_address(const sockaddr_storage& in, IpAddress& address) {
  if (in.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(in);
    address = IpAddress::v4(ntohl(v4.sin_addr.s_addr));
    return ntohs(v4.sin_port);
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(in);
  std::memcpy(address.octets.data(), &v6.sin6_addr, address.octets.size());
  return ntohs(v6.sin6_port);
}

[[noreturn]] void give_up(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

UdpWire::UdpWire(const Settings& settings) : lns_(settings.lns) {
  const bool v4 = settings.lns.is_v4();
  socket_ = ::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) give_up("no UDP socket");
  for (const int option : {SO_RCVBUFFORCE, SO_SNDBUFFORCE})  // without the privilege the default has to do
    (void)::setsockopt(socket_, SOL_SOCKET, option, &kBufferSize, sizeof kBufferSize);
  sockaddr_storage local;
  const IpAddress source = settings.source.is_none() && v4 ? IpAddress::v4(0) : settings.source;
  const auto length = write_address(local, source, settings.port);
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&local), length) != 0)
    give_up("can't use this source address and port");

  for (std::size_t i = 0; i < kBatch; ++i) {
    in_pieces_[i] = {in_[i].payload.data(), in_[i].payload.size()};
    in_headers_[i].msg_hdr = {&in_[i].peer, sizeof in_[i].peer, &in_pieces_[i], 1, nullptr, 0, 0};
    out_headers_[i].msg_hdr = {&out_[i].peer, 0, &out_pieces_[i], 1, nullptr, 0, 0};
  }
  received_.reserve(kBatch);
}

UdpWire::~UdpWire() {
  flush();
  ::close(socket_);
}

void UdpWire::send(std::size_t length, std::uint16_t port) {
  out_pieces_[queued_] = {out_[queued_].payload.data(), length};
  out_headers_[queued_].msg_hdr.msg_namelen = write_address(out_[queued_].peer, lns_, port);
  if (++queued_ == kBatch) flush();
}

void UdpWire::flush() {
  for (std::size_t done = 0; done < queued_;) {
    const int sent = ::sendmmsg(socket_, &out_headers_[done], static_cast<unsigned>(queued_ - done), 0);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
    } else if (errno != EINTR) {
      // E.g. an ICMP error for an earlier datagram, or no route: the datagram is lost, as the network may lose any.
      ++send_errors_;
      ++done;
    }
  }
  queued_ = 0;
}

const std::vector<UdpWire::Datagram>& UdpWire::receive() {
  received_.clear();
  for (auto& header : in_headers_) header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  const int count = ::recvmmsg(socket_, in_headers_.data(), kBatch, MSG_DONTWAIT, nullptr);
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    IpAddress from;
    const auto port = read_address(in_[at].peer, from);
    if (from == lns_) received_.push_back({Octets(in_[at].payload).first(in_headers_[at].msg_len), port});
  }
  return received_;
}

}  // namespace holdfast::lac
