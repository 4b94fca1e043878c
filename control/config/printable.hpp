// Text from files, peers and subscribers may hold anything; a terminal is to show it, not to obey it.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::config {

// The same number of characters, all of them printable ASCII: tabs become spaces, what else is not printable `?`.
inline std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == '\t')
      c = ' ';
    else if (c < 0x20 || c > 0x7e)
      c = '?';
  }
  return out;
}

}  // namespace holdfast::config
