#include "ui/theme/numbers.h"

#include <QFontMetricsF>

#include <array>
#include <cmath>

namespace hs::ui {

namespace {

constexpr QChar minusSign{0x2212};
constexpr QChar ellipsis{0x2026};

QString withRealMinus(QString text) {
    return text.replace(QLatin1Char('-'), minusSign);
}

QString groupThousands(QString digits) {
    const qsizetype first = digits.startsWith(QLatin1Char('-')) ? 1 : 0;
    for (qsizetype at = digits.size() - 3; at > first; at -= 3)
        digits.insert(at, QLatin1Char(','));
    return digits;
}

/// Exponent of the number as it will be written, after rounding to `digits`.
int roundedExponent(double magnitude, int digits) {
    const QString text = QString::number(magnitude, 'e', digits - 1);
    return text.mid(text.indexOf(QLatin1Char('e')) + 1).toInt();
}

/// Four digits and a prefix: used for SI and IEC.
QString scaled(double value, double base, std::span<const char* const> prefixes, const QString& unit) {
    std::size_t power = 0;
    double rest = value;
    while (std::abs(rest) >= base && power + 1 < prefixes.size()) {
        rest /= base;
        ++power;
    }
    return formatNumber(rest) + QLatin1Char(' ') + QString::fromUtf8(prefixes[power]) + unit;
}

} // namespace

QString formatNumber(double value, int digits) {
    if (std::isnan(value)) return QStringLiteral("NaN");
    if (std::isinf(value)) return value > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
    if (value == 0) return QStringLiteral("0");
    const int exponent = roundedExponent(std::abs(value), digits);
    // Five digits before the point are written whole, so only what reaches 1e5 as an integer has an exponent.
    if (exponent < -3 || std::round(std::abs(value)) >= 1e5) {
        QString text = QString::number(value, 'e', digits - 1);
        const qsizetype at = text.indexOf(QLatin1Char('e'));
        return withRealMinus(text.left(at + 1) + QString::number(exponent));
    }
    const int decimals = std::max(digits - 1 - exponent, 0);
    QString text = QString::number(value, 'f', decimals);
    return withRealMinus(decimals == 0 ? groupThousands(text) : text);
}

QString formatFixed(double value, int decimals) {
    if (!std::isfinite(value)) return formatNumber(value);
    QString text = QString::number(value, 'f', decimals);
    // A value that rounds to nothing has no sign.
    if (text.startsWith(QLatin1Char('-')) && text.toDouble() == 0) text.remove(0, 1);
    return withRealMinus(text);
}

QString formatCount(std::int64_t value) {
    return withRealMinus(groupThousands(QString::number(value)));
}

QString formatSi(double value, const QString& unit) {
    if (std::abs(value) < 1000) {
        const QString number =
            value == std::floor(value) ? formatCount(static_cast<std::int64_t>(value)) : formatNumber(value);
        return unit.isEmpty() ? number : number + QLatin1Char(' ') + unit;
    }
    static constexpr std::array prefixes{"", "k", "M", "G", "T", "P", "E"};
    return scaled(value, 1000, prefixes, unit);
}

QString formatSeconds(double seconds) {
    const double magnitude = std::abs(seconds);
    if (magnitude == 0) return QStringLiteral("0 s");
    if (magnitude < 1e-4) return formatNumber(seconds * 1e6) + QStringLiteral(" µs");
    if (magnitude < 1) return formatNumber(seconds * 1e3) + QStringLiteral(" ms");
    return formatNumber(seconds) + QStringLiteral(" s");
}

QString formatBytes(std::size_t bytes) {
    if (bytes < 1024) return QString::number(bytes) + QStringLiteral(" B");
    static constexpr std::array prefixes{"", "Ki", "Mi", "Gi", "Ti", "Pi"};
    return scaled(static_cast<double>(bytes), 1024, prefixes, QStringLiteral("B"));
}

QString formatPercent(double fraction, int decimals) {
    if (!std::isfinite(fraction)) return formatNumber(fraction);
    return formatFixed(fraction * 100, decimals) + QStringLiteral(" %");
}

QString formatShape(std::span<const std::int64_t> shape) {
    QString text = QStringLiteral("[");
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (i) text += QStringLiteral(", ");
        text += QString::number(shape[i]);
    }
    return text + QLatin1Char(']');
}

QString elideShape(std::span<const std::int64_t> shape, const QFontMetricsF& metrics, double width) {
    return elideShape(formatShape(shape), metrics, width);
}

QString elideShape(const QString& shape, const QFontMetricsF& metrics, double width) {
    if (metrics.horizontalAdvance(shape) <= width || shape.size() <= 2) return shape;
    const QString between = QStringLiteral(", ");
    const qsizetype first = shape.indexOf(between);
    const qsizetype last = shape.lastIndexOf(between);
    if (first != last) {
        const QString ends = shape.left(first) + between + ellipsis + shape.mid(last);
        if (metrics.horizontalAdvance(ends) <= width) return ends;
    }
    return QLatin1Char('[') + ellipsis + QLatin1Char(']');
}

QString formatBool(bool value) {
    return value ? QStringLiteral("True") : QStringLiteral("False");
}

} // namespace hs::ui
