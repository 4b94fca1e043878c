#include "config/places.hpp"

namespace holdfast::config {

std::string place_key(std::string_view block_key, std::string_view head, std::string_view name) {
  std::string key(block_key);
  if (!key.empty()) key += ", ";
  key += head;
  if (!name.empty()) key.append(" ").append(name);
  return key;
}

const Place* Places::find(const std::string& key) const {
  const auto found = places_.find(key);
  return found == places_.end() ? nullptr : &found->second;
}

void Places::erase(const std::string& key) {
  places_.erase(key);
  const std::string inside = key + ", ";
  const auto first = places_.lower_bound(inside);
  auto last = first;
  while (last != places_.end() && last->first.starts_with(inside)) ++last;
  places_.erase(first, last);
}

}  // namespace holdfast::config
