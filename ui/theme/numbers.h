#pragma once

#include <QString>

#include <cstddef>
#include <cstdint>
#include <span>

class QFontMetricsF;

namespace hs::ui {

// How numbers are written, everywhere in the program. A minus is a real minus sign; units follow a space.

/// Four significant digits: `0.06837`, `12.04`, `8.130e−6`; an exponent below 1e−3 and from 1e5. Zero is `0`; `NaN`,
/// `∞`, `−∞`.
QString formatNumber(double value, int digits = 4);
/// Exactly `decimals` places, for columns in which all cells have the same.
QString formatFixed(double value, int decimals);
/// Exact, with thousands separators: `61,706`.
QString formatCount(std::int64_t value);
/// SI prefix: `15.05 M`, and with a unit `15.05 MFLOP`. Below 1000 as formatCount.
QString formatSi(double value, const QString& unit = {});
/// Seconds as `0.412 ms`, `38.10 µs`, `2.400 s`.
QString formatSeconds(double seconds);
/// IEC: `600 B`, `1.148 MiB`.
QString formatBytes(std::size_t bytes);
/// A fraction (1 is the whole) as `4.0 %`, or with more places `87.20 %`.
QString formatPercent(double fraction, int decimals = 1);
/// `[64, 6, 28, 28]`; a scalar is `[]`.
QString formatShape(std::span<const std::int64_t> shape);
/// The same in at most `width` pixels: `[64, …, 28]`, then `[…]`; the caller puts the whole into a tooltip.
QString elideShape(std::span<const std::int64_t> shape, const QFontMetricsF& metrics, double width);
/// The same from what formatShape() wrote.
QString elideShape(const QString& shape, const QFontMetricsF& metrics, double width);
/// `True` or `False`, as PyTorch prints them.
QString formatBool(bool value);

} // namespace hs::ui
