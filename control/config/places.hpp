// Where in a file each statement stands, by what it is about: an object or one of its values. Defined there once only.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace holdfast::config {

struct Place {
  std::size_t line{};   // from 1
  std::size_t at{};     // offset of the statement in its line
  std::size_t shown{};  // how much of the line may be shown: up to its first secret
};

// The key of a statement: "aaa local user alice", and within its block "aaa local user alice, ip address". name is as
// Statement::name gives it; empty for statements about one value.
std::string place_key(std::string_view block_key, std::string_view head, std::string_view name);

class Places {
 public:
  const Place* find(const std::string& key) const;
  void set(const std::string& key, Place place) { places_[key] = place; }
  void erase(const std::string& key);  // with all in its block

 private:
  std::map<std::string, Place, std::less<>> places_;
};

}  // namespace holdfast::config
