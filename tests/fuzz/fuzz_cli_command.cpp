// A line from the command socket: it is a command, or the answer is plain text that says what was possible.
#include "cli/command.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace holdfast::cli;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto command = match({reinterpret_cast<const char*>(data), size});
  const std::string& text = command ? command->help : command.error();
  if (!command && text.empty()) std::abort();
  for (const char c : text)
    if (c != '\n' && (c < 0x20 || c == 0x7f)) std::abort();
  if (command && command->session() && !command->tunnel()) std::abort();
  return 0;
}
