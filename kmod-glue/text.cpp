#include "kmod-glue/text.hpp"

#include <arpa/inet.h>
#include <array>

namespace holdfast::glue {
namespace {

std::string presentation(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto* octets = address.octets.data();
  if (address.is_v4())
    inet_ntop(AF_INET, octets + 12, text.data(), text.size());
  else
    inet_ntop(AF_INET6, octets, text.data(), text.size());
  return text.data();
}

}  // namespace

std::string to_text(const IpAddress& address) { return address ? presentation(address) : "none"; }

std::string to_text(const IpPrefix& prefix) {
  return presentation(prefix.address) + '/' + std::to_string(prefix.length);
}

}  // namespace holdfast::glue
