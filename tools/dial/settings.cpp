#include "dial/settings.hpp"

#include <string_view>

namespace holdfast::dial {

std::string fill_in(std::string text, std::uint32_t session, std::uint32_t domains) {
  const auto put = [&](std::string_view mark, std::uint32_t number) {
    if (const auto at = text.find(mark); at != std::string::npos)
      text.replace(at, mark.size(), std::to_string(number + 1));
  };
  put("{domain}", session % domains);
  put("{}", session);
  return text;
}

}  // namespace holdfast::dial
