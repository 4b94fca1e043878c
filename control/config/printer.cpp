#include "config/printer.hpp"

#include "config/running_config.hpp"

namespace holdfast::config {

void Printer::line(std::string_view text) {
  text_.append(2 * depth_, ' ');
  text_ += text;
  text_ += '\n';
}

void Printer::secret(std::string_view head, std::string_view value) {
  if (secrets_ == Secrets::shown) return line(std::string(head) + ' ' + word(value));
  line("! " + std::string(head) + " ******** (hidden)");
}

void Printer::block(Block block, const View& objects) {
  ++depth_;
  body(block, objects);
  --depth_;
  line("!");
}

void Printer::body(Block block, const View& objects) {
  for (const auto& statement : statements())
    if (statement.block == block) statement.print(*this, statement, objects);
}

std::string running_config(const Config& config, Secrets secrets) {
  Printer printer(secrets);
  printer.body(Block::global, View{&config, {}, {}, {}, {}, {}, {}});
  return printer.take();
}

}  // namespace holdfast::config
