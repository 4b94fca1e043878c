#include "dial/settings.hpp"

namespace holdfast::dial {

std::string fill_in(const std::string& text, std::uint32_t session) {
  const auto at = text.find("{}");
  return at == std::string::npos ? text : std::string(text).replace(at, 2, std::to_string(session + 1));
}

}  // namespace holdfast::dial
