#include "dial/address.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

namespace holdfast::dial {

std::optional<IpAddress> parse_address(const std::string& text) {
  in_addr v4;
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return IpAddress::v4(ntohl(v4.s_addr));
  IpAddress v6;
  if (::inet_pton(AF_INET6, text.c_str(), v6.octets.data()) == 1) return v6;
  return std::nullopt;
}

std::string text_of_address(const IpAddress& address) {
  char out[INET6_ADDRSTRLEN] = {};
  if (address.is_v4())
    ::inet_ntop(AF_INET, address.octets.data() + 12, out, sizeof out);
  else
    ::inet_ntop(AF_INET6, address.octets.data(), out, sizeof out);
  return out;
}

}  // namespace holdfast::dial
