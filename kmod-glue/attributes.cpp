#include "kmod-glue/attributes.hpp"

#include <libmnl/libmnl.h>

#include <algorithm>

namespace holdfast::glue {

const nlmsghdr* Messages::next() {
  const auto* message = reinterpret_cast<const nlmsghdr*>(rest_.data());
  // Not mnl_nlmsg_ok(): libmnl 1.0.4 takes a length of 2^31 or more for a negative one, which fits everywhere.
  if (rest_.size() < sizeof(nlmsghdr) || message->nlmsg_len < sizeof(nlmsghdr) || message->nlmsg_len > rest_.size())
    return nullptr;
  rest_ = rest_.subspan(std::min<std::size_t>(NLMSG_ALIGN(message->nlmsg_len), rest_.size()));
  return message;
}

std::span<const std::uint8_t> payload_of(const nlmsghdr& message) {
  return {static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload(&message)), mnl_nlmsg_get_payload_len(&message)};
}

bool Attributes::parse(std::span<const std::uint8_t> octets, std::span<const AttributeRule> rules) {
  while (!octets.empty()) {
    const auto* attribute = reinterpret_cast<const nlattr*>(octets.data());
    if (!mnl_attr_ok(attribute, static_cast<int>(octets.size()))) return false;
    const auto type = mnl_attr_get_type(attribute);
    const auto length = mnl_attr_get_payload_len(attribute);
    if (const auto rule = std::ranges::find(rules, type, &AttributeRule::type); rule != rules.end()) {
      if (length < rule->least || length > rule->most) return false;
      found_[type] = attribute;
    }
    octets = octets.subspan(std::min<std::size_t>(NLMSG_ALIGN(attribute->nla_len), octets.size()));
  }
  return true;
}

std::span<const std::uint8_t> Attributes::octets(std::uint16_t type) const {
  if (!has(type)) return {};
  return {static_cast<const std::uint8_t*>(mnl_attr_get_payload(found_[type])), mnl_attr_get_payload_len(found_[type])};
}

}  // namespace holdfast::glue
