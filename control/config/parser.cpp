#include "config/parser.hpp"

#include "config/places.hpp"
#include "config/validate.hpp"

#include <algorithm>
#include <set>

namespace holdfast::config {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kMostErrors = 1000;

struct Frame {
  Scope scope;
  std::string key;  // of the statement that opened it (places.hpp)
};

// Where the first secret of the line begins; the end of the line when there is none.
std::size_t shown_part(const std::vector<Token>& tokens, const std::vector<bool>& secret, std::size_t line_end) {
  for (std::size_t i = 0; i < tokens.size() && i < secret.size(); ++i)
    if (secret[i]) return tokens[i].at;
  return line_end;
}

// A line up to `end` or its first secret, without its indentation; the caret under offset `at` of the line.
Error error_at(const Place& place, std::string_view line, std::size_t at, std::size_t end, std::string message) {
  const auto start = std::min(line.find_first_not_of(" \t"), line.size());
  const bool hides = place.shown < end;
  std::string excerpt(line.substr(start, (hides ? place.shown : end) - start));
  if (hides) excerpt += "********";
  const auto caret = std::min((hides ? std::min(at, place.shown) : at) - start, excerpt.size() + 1);
  return {place.line, at + 1, std::move(message), std::move(excerpt), caret};
}

class Parser {
 public:
  explicit Parser(const Context& context) : context_(context) {
    frames_.push_back({Scope{&config_, {}, {}, {}, {}, {}, {}}, ""});
  }

  Result<Config, Errors> parse(std::string_view text) {
    for (std::size_t begin = 0; begin < text.size() && errors_.size() < kMostErrors;) {
      const auto end = std::min(text.find('\n', begin), text.size());
      auto line = text.substr(begin, end - begin);
      if (line.ends_with('\r')) line.remove_suffix(1);
      lines_.push_back(line);
      take(line);
      begin = end + 1;
    }
    check_whole();
    if (errors_.empty()) return std::move(config_);
    std::ranges::stable_sort(errors_, {}, [](const Error& e) { return std::pair(e.line, e.column); });
    return fail(std::move(errors_));
  }

 private:
  void take(std::string_view line) {
    if (line.size() > kLongestLine)
      return error({lines_.size(), 0, 0}, "", kLongestLine, 0, "the line is longer than 4096 octets");
    const auto start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return;
    if (line[start] == '!') {
      const bool alone = line.find_first_not_of(" \t", start + 1) == std::string_view::npos;
      if (alone) close();
      return;
    }
    const auto tokens = tokenize(line);
    if (!tokens) return unreadable(line, tokens.error());
    const auto found = context_.resolve(open_, *tokens);
    if (!found) return not_found(line, *tokens, found.error());
    while (frames_.size() > found->depth + 1) close();
    apply(line, *tokens, *found);
  }

  void unreadable(std::string_view line, const BadToken& bad) {
    // The words before it are looked at for what may be shown of them, no more.
    const auto found = context_.resolve(open_, bad.before);
    auto shown = shown_part(bad.before, found ? found->match.secret : found.error().secret, bad.at);
    if (!found && found.error().token < bad.before.size()) shown = std::min(shown, bad.before[found.error().token].at);
    error({lines_.size(), 0, shown}, line, bad.at, bad.at, std::string(bad.reason));
  }

  void not_found(std::string_view line, const std::vector<Token>& tokens, const NotFound& lost) {
    if (lost.token > 0)
      while (frames_.size() > lost.depth + 1) close();
    const bool over = lost.token == tokens.size();
    const auto at = over ? tokens.back().end + 1 : tokens[lost.token].at;
    const auto end = over ? tokens.back().end : lost.word_is_safe ? tokens[lost.token].end : at;
    error({lines_.size(), 0, shown_part(tokens, lost.secret, line.size())}, line, at, end, lost.message);
    discard(lost.opens);
  }

  void apply(std::string_view line, const std::vector<Token>& tokens, const Found& found) {
    if (found.form == Form::exit) return close();
    const auto& statement = *found.statement;
    const auto& arguments = found.match.arguments;
    const auto subject = place_key("", head(statement.syntax), statement.name ? statement.name(arguments) : "");
    Frame frame{frames_.back().scope, place_key(frames_.back().key, subject, "")};
    const Place place{lines_.size(), tokens.front().at, shown_part(tokens, found.match.secret, line.size())};

    if (found.form != Form::set) {
      places_.erase(frame.key);
      (found.form == Form::no ? statement.no : statement.restore)(frame.scope, arguments);
      return;
    }
    if (const Place* earlier = places_.find(frame.key)) {
      error(place, line, place.at, tokens.back().end,
            subject + " is already set on line " + std::to_string(earlier->line));
      return discard(statement.opens);
    }
    if (const auto complaint = statement.set(frame.scope, arguments)) {
      error(place, line, tokens.back().at, tokens.back().end, *complaint);
      return discard(statement.opens);
    }
    places_.set(frame.key, place);
    if (statement.opens) open(*statement.opens, std::move(frame));
  }

  // What of the whole is in conflict; not in blocks with an error of their own, which may be all there is to it.
  void check_whole() {
    for (auto& conflict : validate(config_, places_)) {
      const Place* place = places_.find(conflict.key);
      if (faulty_.contains(conflict.key)) continue;
      if (!place)
        errors_.push_back({0, 0, conflict.key + ": " + conflict.message, "", 0});
      else
        errors_.push_back(
            error_at(*place, lines_[place->line - 1], place->at, place->shown, std::move(conflict.message)));
    }
  }

  void error(const Place& place, std::string_view line, std::size_t at, std::size_t end, std::string message) {
    faulty_.insert(frames_.back().key);
    errors_.push_back(error_at(place, line, at, end, std::move(message)));
  }

  void open(Block block, Frame frame) {
    open_.push_back(block);
    frames_.push_back(std::move(frame));
  }

  void close() {
    if (frames_.size() == 1) return;
    open_.pop_back();
    frames_.pop_back();
  }

  // After an error in the statement that opens a block: what stands in the block is checked all the same, and goes
  // nowhere.
  void discard(std::optional<Block> block) {
    if (!block) return;
    Frame frame{frames_.back().scope, "discarded on line " + std::to_string(lines_.size())};
    auto& [config, interface, user, destination, host, domain, tunnel] = frame.scope;
    switch (*block) {
      case Block::global: return;
      case Block::interface: interface = &(nowhere_.interface = {}); break;
      case Block::local_user: user = &(nowhere_.user = {}); break;
      case Block::destination: destination = &(nowhere_.destination = {}); break;
      case Block::host:
        if (!destination) destination = &(nowhere_.destination = {});
        host = &(nowhere_.host = {});
        break;
      case Block::domain: domain = &(nowhere_.domain = {}); break;
      case Block::domain_tunnel:
        if (!domain) domain = &(nowhere_.domain = {});
        tunnel = &(nowhere_.tunnel = {});
        break;
    }
    open(*block, std::move(frame));
  }

  struct Nowhere {
    Interface interface;
    LocalUser user;
    DestinationProfile destination;
    HostProfile host;
    DomainMap domain;
    DomainTunnel tunnel;
  };

  const Context& context_;
  Config config_;
  Nowhere nowhere_;
  std::vector<Block> open_{Block::global};
  std::vector<Frame> frames_;  // as many, and of the same blocks
  Places places_;
  std::set<std::string> faulty_;  // keys of blocks with an error in them
  std::vector<std::string_view> lines_;
  Errors errors_;
};

}  // namespace

Result<Config, Errors> parse(std::string_view text) { return parse(text, Context()); }
Result<Config, Errors> parse(std::string_view text, const Context& context) { return Parser(context).parse(text); }

}  // namespace holdfast::config
