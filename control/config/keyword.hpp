// The keywords of the configuration's choices, both ways.
#pragma once

#include "config/model.hpp"

#include <optional>
#include <string_view>

namespace holdfast::config {

std::string_view keyword(ResyncMethod method);
std::string_view keyword(PppAuthentication protocol);
std::string_view keyword(LogLevel level);
std::string_view keyword(PeerAddressChange change);

// The choice with exactly this keyword; nothing when there is none.
template <class Choice>
std::optional<Choice> from_keyword(std::string_view text);

template <>
std::optional<ResyncMethod> from_keyword(std::string_view text);
template <>
std::optional<PppAuthentication> from_keyword(std::string_view text);
template <>
std::optional<LogLevel> from_keyword(std::string_view text);
template <>
std::optional<PeerAddressChange> from_keyword(std::string_view text);

}  // namespace holdfast::config
