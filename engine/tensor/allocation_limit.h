#pragma once

#include <cstddef>

namespace hs {

/// While it lives, Block::allocate() refuses on this thread what is larger: an Error before memory is asked for. For
/// what runs the text of somebody, whose operations may have results of any size. Nests: the inner one holds.
class AllocationLimit {
  public:
    explicit AllocationLimit(std::size_t bytes);
    AllocationLimit(const AllocationLimit&) = delete;
    AllocationLimit& operator=(const AllocationLimit&) = delete;
    ~AllocationLimit();

  private:
    std::size_t before_;
};

} // namespace hs
