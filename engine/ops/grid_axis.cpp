#include "engine/ops/grid_axis.h"

#include "engine/ops/functional.h"

namespace hs::ops {

namespace {

/// Places brought into the dimension by the padding, and the sign with which they move then: 0 where they stick to a
/// border.
struct Padded {
    Tensor place, sign;
};

Padded kept_within(const Tensor& place, const Tensor& sign, double last) {
    const Tensor moves = logical_and(gt(place, 0), lt(place, last));
    return {clamp(place, 0, last), sign * moves.to(place.dtype())};
}

Padded padded(const Tensor& place, std::int64_t size, const GridRules& rules) {
    const auto last = static_cast<double>(size - 1);
    const Tensor plain = ones(place.shape(), place.options());
    if (rules.padding_mode == 0) return {place, plain};
    if (rules.padding_mode == 1) return kept_within(place, plain, last);
    // Mirrors stand at the centres of the first and the last element, or at their outer borders.
    const double first = rules.align_corners ? 0 : -0.5;
    const double span = rules.align_corners ? last : last + 1;
    if (span == 0) return {zeros(place.shape(), place.options()), zeros(place.shape(), place.options())};
    const Tensor distance = place - first;
    const Tensor far = abs(distance), rest = fmod(far, span);
    const Tensor is_odd = eq(remainder(floor(far / span), 2), 1);
    const Tensor reflected = where(is_odd, span - rest, rest) + first;
    const Tensor away = where(lt(distance, 0), neg(plain), plain);
    return kept_within(reflected, where(is_odd, neg(away), away), last);
}

/// A tap at `place`, a whole number that may lie outside.
GridTap tap_at(const Tensor& place, std::int64_t size, const Tensor& weight, const Tensor& slope) {
    const Tensor whole = place.detach();
    const Tensor inside = logical_and(ge(whole, 0), le(whole, static_cast<double>(size - 1)));
    const Tensor outside = logical_not(inside);
    // NaN and what no integer can hold must not be converted.
    const Tensor index = masked_fill(whole, outside, 0).to(Dtype::int64);
    return {index, masked_fill(weight, outside, 0), slope.defined() ? masked_fill(slope, outside, 0) : slope};
}

/// The weights of the four elements around a place, `rest` behind the second one: Keys' kernel with slope a.
Tensor cubic_near(const Tensor& x, double a) {
    return ((a + 2) * x - (a + 3)) * x * x + 1;
}
Tensor cubic_near_slope(const Tensor& x, double a) {
    return (3 * (a + 2) * x - 2 * (a + 3)) * x;
}
Tensor cubic_far(const Tensor& x, double a) {
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}
Tensor cubic_far_slope(const Tensor& x, double a) {
    return (3 * a * x - 10 * a) * x + 8 * a;
}

std::vector<GridTap> cubic_taps(const Tensor& place, std::int64_t size, const GridRules& rules) {
    constexpr double a = -0.75;
    const Tensor below = floor(place).detach(), rest = place - below;
    const Tensor weights[] = {cubic_far(rest + 1, a), cubic_near(rest, a), cubic_near(1 - rest, a),
                              cubic_far(2 - rest, a)};
    const Tensor slopes[] = {cubic_far_slope(rest + 1, a), cubic_near_slope(rest, a),
                             neg(cubic_near_slope(1 - rest, a)), neg(cubic_far_slope(2 - rest, a))};
    std::vector<GridTap> taps;
    for (std::size_t i = 0; i < 4; ++i) {
        const Tensor element = padded(below + (static_cast<double>(i) - 1), size, rules).place;
        taps.push_back(tap_at(element, size, weights[i], slopes[i]));
    }
    return taps;
}

} // namespace

GridAxis grid_axis(const Tensor& coordinates, std::int64_t size, const GridRules& rules) {
    const double speed = static_cast<double>(rules.align_corners ? size - 1 : size) / 2;
    const Tensor place = (coordinates + 1) * speed - (rules.align_corners ? 0 : 0.5);
    if (rules.is_cubic()) return {cubic_taps(place, size, rules), full(place.shape(), speed, place.options())};
    const auto [inside, sign] = padded(place, size, rules);
    if (rules.is_nearest()) {
        const Tensor one = ones(place.shape(), place.options());
        return {{tap_at(round(inside), size, one, {})}, sign * speed};
    }
    const Tensor below = floor(inside).detach(), rest = inside - below;
    const Tensor one = ones(place.shape(), place.options());
    return {{tap_at(below, size, 1 - rest, neg(one)), tap_at(below + 1, size, rest, one)}, sign * speed};
}

} // namespace hs::ops
