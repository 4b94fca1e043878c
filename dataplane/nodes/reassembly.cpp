#include "nodes/reassembly.hpp"

#include "nodes/packet.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

namespace holdfast::nodes {

Datagram::Added Datagram::add(const Fragment& fragment) {
  if (count_ == kFragments) return Added::refused;
  unsigned at = 0;
  while (at < count_ && fragments_[at].offset < fragment.offset) ++at;
  const std::uint32_t end = fragment.offset + fragment.length;
  if (at < count_ && fragments_[at].offset == fragment.offset && fragments_[at].length == fragment.length &&
      fragments_[at].last == fragment.last)
    return Added::twice;
  if (at > 0) {
    const Fragment& before = fragments_[at - 1];
    if (before.last || before.offset + before.length > fragment.offset) return Added::refused;
  }
  if (at < count_ && (fragment.last || end > fragments_[at].offset)) return Added::refused;
  std::copy_backward(fragments_.begin() + at, fragments_.begin() + count_, fragments_.begin() + count_ + 1);
  fragments_[at] = fragment;
  ++count_;

  if (!fragments_[count_ - 1].last) return Added::waits;
  std::uint32_t next = 0;
  for (unsigned i = 0; i < count_; ++i) {
    if (fragments_[i].offset != next) return Added::waits;
    next += fragments_[i].length;
  }
  return Added::whole;
}

rte_mbuf* Datagram::join() {
  const Fragment& first = fragments_[0];
  const Fragment& last = fragments_[count_ - 1];
  if (last.offset + last.length - first.length > rte_pktmbuf_tailroom(first.mbuf)) return nullptr;
  for (unsigned i = 1; i < count_; ++i) {
    const Fragment& next = fragments_[i];
    char* end = rte_pktmbuf_append(first.mbuf, static_cast<std::uint16_t>(next.length));
    std::memcpy(end, octets(next.mbuf) + next.header, next.length);
    rte_pktmbuf_free(next.mbuf);
  }
  count_ = 0;
  return first.mbuf;
}

// Its own, a free one, or the oldest of those where it may be.
Datagram& Reassembly::place_of(const DatagramKey& key) {
  Datagram* const set = &datagrams_[std::hash<IpAddress>{}(key.source) % kSets * kDatagramsOfSet];
  Datagram* oldest = set;
  for (Datagram* datagram = set; datagram != set + kDatagramsOfSet; ++datagram) {
    if (datagram->deadline_ != 0 && datagram->key_ == key) return *datagram;
    if (datagram->deadline_ < oldest->deadline_) oldest = datagram;
  }
  return *oldest;
}

}  // namespace holdfast::nodes
