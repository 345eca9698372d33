#pragma once

#include "engine/tensor/tensor.h"
#include "engine/trace/summary.h"

#include <cstdint>
#include <vector>

namespace hs::record {

/// Measures what the optimizer adds to a parameter. Before its step the probe copies the parameter, or of a large one
/// a sample of blocks; after it, it takes the difference.
class UpdateProbe {
  public:
    /// Copies at most about `limit` elements (0: all). Parameters of other dtypes than float32 and float64, or with
    /// holes in memory, are not measured.
    void before(const Tensor& parameter, std::int64_t limit);
    /// Whether before() took a copy, and the parameter was written to since.
    bool changed(const Tensor& parameter) const { return ready_ && parameter.version() != version_; }
    /// Whether the copy holds every element.
    bool is_whole() const { return every_ == 1; }
    /// Summary of after minus before in `range`, which is chosen first if it is null. Norm, counts and zeros are scaled
    /// from the sample to the whole; `bin_every` says how large a part of it the sample was.
    trace::Summary after(const Tensor& parameter, const trace::BinRange* range);
    /// The difference itself, after after(); only of a whole copy.
    Tensor difference(const Tensor& parameter) const;

  private:
    template <class T>
    void copy(const Tensor& parameter, std::vector<T>& to);
    template <class T>
    void subtract(const Tensor& parameter, std::vector<T>& from);

    std::vector<float> floats_;
    std::vector<double> doubles_;
    std::int64_t every_ = 1; ///< one block in so many
    std::uint32_t version_ = 0;
    bool ready_ = false;
};

} // namespace hs::record
