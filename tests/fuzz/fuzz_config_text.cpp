// Configuration text as an operator may damage it: parsing ends, what it accepts prints and parses back to the same
// configuration, and what it reports is plain text.
#include "config/parser.hpp"
#include "config/running_config.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace holdfast::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Context context;
  const auto config = parse({reinterpret_cast<const char*>(data), size}, context);
  if (!config) {
    for (const char c : describe("fuzz", config.error()))
      if (c != '\n' && (c < 0x20 || c == 0x7f)) std::abort();
    return 0;
  }
  const auto again = parse(running_config(*config, Secrets::shown), context);
  if (!again || *again != *config) std::abort();
  return 0;
}
