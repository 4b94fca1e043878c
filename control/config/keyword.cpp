#include "config/keyword.hpp"

#include <array>
#include <cstddef>

namespace holdfast::config {
namespace {

// In the order of the enumerations, so that a value is its own index.
constexpr std::array<std::string_view, 5> kResyncMethods{"not-configured", "failover-protocol",
                                                         "failover-protocol-fallback-to-silent-failover",
                                                         "silent-failover", "disable"};
constexpr std::array<std::string_view, 3> kPppAuthentications{"chap", "pap", "ms-chap-v2"};
constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 3> kPeerAddressChanges{"accept", "ignore", "reject"};

static_assert(kResyncMethods[static_cast<std::size_t>(ResyncMethod::disable)] == "disable");
static_assert(kPppAuthentications[static_cast<std::size_t>(PppAuthentication::ms_chap_v2)] == "ms-chap-v2");
static_assert(kLogLevels[static_cast<std::size_t>(LogLevel::error)] == "error");
static_assert(kPeerAddressChanges[static_cast<std::size_t>(PeerAddressChange::reject)] == "reject");

template <class Choice, std::size_t Count>
std::optional<Choice> find(const std::array<std::string_view, Count>& names, std::string_view text) {
  for (std::size_t i = 0; i < Count; ++i)
    if (names[i] == text) return static_cast<Choice>(i);
  return std::nullopt;
}

}  // namespace

std::string_view keyword(ResyncMethod method) { return kResyncMethods.at(static_cast<std::size_t>(method)); }
std::string_view keyword(PppAuthentication protocol) {
  return kPppAuthentications.at(static_cast<std::size_t>(protocol));
}
std::string_view keyword(PeerAddressChange change) { return kPeerAddressChanges.at(static_cast<std::size_t>(change)); }
std::string_view keyword(LogLevel level) { return kLogLevels.at(static_cast<std::size_t>(level)); }

template <>
std::optional<ResyncMethod> from_keyword(std::string_view text) {
  return find<ResyncMethod>(kResyncMethods, text);
}
template <>
std::optional<PppAuthentication> from_keyword(std::string_view text) {
  return find<PppAuthentication>(kPppAuthentications, text);
}
template <>
std::optional<PeerAddressChange> from_keyword(std::string_view text) {
  return find<PeerAddressChange>(kPeerAddressChanges, text);
}
template <>
std::optional<LogLevel> from_keyword(std::string_view text) {
  return find<LogLevel>(kLogLevels, text);
}

}  // namespace holdfast::config
