#include "l2tp/aggregators.hpp"

#include <algorithm>

namespace holdfast::l2tp {

bool Aggregators::add(Octets id) {
  const std::size_t before = ids.length;
  if (id.empty() || id.size() >= ids.storage.size() - before) return false;
  ids.storage[before] = static_cast<std::uint8_t>(id.size());
  std::ranges::copy(id, ids.storage.begin() + static_cast<std::ptrdiff_t>(before) + 1);
  ids.length = static_cast<std::uint8_t>(before + 1 + id.size());
  return true;
}

bool Aggregators::contains(Octets id) const {
  bool found = false;
  for_each([&](Octets one) { found = found || std::ranges::equal(one, id); });
  return found;
}

}  // namespace holdfast::l2tp
