// What a Mirror says is there, from its differences alone: each removal must name what was added before.
#pragma once

#include "kmod-glue/observer.hpp"
#include "kmod-glue/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace holdfast::glue {

class Inventory : public Observer {
 public:
  void link(const Link& link, Change change) override {
    std::erase_if(links_, [&](const Link& other) { return other.index == link.index; });
    if (change != Change::removed) links_.push_back(link);
  }
  void address(const Address& address, Change change) override {
    std::erase_if(addresses_,
                  [&](const Address& other) { return other.link == address.link && other.prefix == address.prefix; });
    if (change != Change::removed) addresses_.push_back(address);
  }
  void neighbour(const Neighbour& neighbour, Change change) override {
    std::erase_if(neighbours_, [&](const Neighbour& other) {
      return other.link == neighbour.link && other.address == neighbour.address;
    });
    if (change != Change::removed) neighbours_.push_back(neighbour);
  }
  void route(const Route& route, Change change) override {
    ASSERT_NE(change, Change::replaced);
    if (change == Change::added) return routes_.push_back(route);
    const auto found = std::ranges::find(routes_, route);
    ASSERT_NE(found, routes_.end()) << text(route) << " was never there";
    routes_.erase(found);
  }
  void resynchronizing() override {}
  void resynchronized() override { ++completions_; }

  int completions() const { return completions_; }
  const std::vector<Route>& routes() const { return routes_; }

  // Sorted lines, so that two inventories compare whatever order they were told in, and a difference can be read.
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const auto& link : links_)
      lines.push_back("link " + link.name + (link.up ? " up" : " down") + (link.running ? " running" : "") + " mtu " +
                      std::to_string(link.mtu));
    for (const auto& address : addresses_)
      lines.push_back("address " + std::to_string(address.link) + ' ' + to_text(address.prefix) +
                      (address.usable ? "" : " tentative"));
    for (const auto& neighbour : neighbours_)  // those of multicast are made without a word
      if (neighbour.usable)
        lines.push_back("neighbour " + std::to_string(neighbour.link) + ' ' + to_text(neighbour.address));
    for (const auto& route : routes_) lines.push_back("route " + text(route));
    std::ranges::sort(lines);
    return lines;
  }

  static std::string text(const Route& route) {
    std::vector<std::string> hops;
    for (const auto& hop : route.next_hops)
      hops.push_back(" via " + to_text(hop.gateway) + " on " + std::to_string(hop.link) + " weight " +
                     std::to_string(hop.weight) + (hop.usable ? "" : " dead"));
    std::ranges::sort(hops);
    std::string text = to_text(route.prefix) + " type " + std::to_string(int(route.type)) +
                       (route.table == Table::local ? " local" : "") + " protocol " + std::to_string(route.protocol) +
                       " metric " + std::to_string(route.metric) + " mtu " + std::to_string(route.mtu) + " from " +
                       to_text(route.preferred_source);
    for (const auto& hop : hops) text += hop;
    return text;
  }

 private:
  std::vector<Link> links_;
  std::vector<Address> addresses_;
  std::vector<Neighbour> neighbours_;
  std::vector<Route> routes_;
  int completions_{};
};

}  // namespace holdfast::glue
