#pragma once

#include <QColor>
#include <QString>
#include <QStringList>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

namespace hs::ui {

/// A table of 256 colours through which a number becomes a colour. A value type: copies share the table.
///
/// Sequential maps spread [low, high] evenly over the table. Diverging ones are symmetric about the middle of [low,
/// high]: with u in [-1, 1] the position is 1/2 + sign(u) |u|^power / 2, so that small values still show (power 0.6).
class ColorMap {
  public:
    static constexpr int size = 256;

    /// Black to white.
    ColorMap();
    /// `stops` are spread evenly over the table and joined by straight lines in sRGB. At least two.
    ColorMap(QString name, std::span<const QColor> stops, bool diverging = false, double power = 1.0);

    /// One of `names()`: "viridis", "cividis", "grey", "dusk" (diverging, dark at 0), "vik-like" (diverging, light at
    /// 0). An unknown name or a damaged file gives the default map and says why in `error`.
    static ColorMap named(const QString& name, QString* error = nullptr);
    /// The maps that come with the program.
    static QStringList names();
    /// Reads {"name", "diverging", "power", "colors": ["#rrggbb", ...]}. Errors name `path`, the key and the reason.
    static ColorMap fromFile(const QString& path, QString* error = nullptr);

    const QString& name() const;
    bool isDiverging() const;
    double power() const;

    /// The colour of `value`, clamped to the ends of [low, high]. The shader gives the same to within two
    /// entries of the table.
    /// NaN and Inf have no colour here: the caller draws them in the token `nan`.
    QColor color(double value, double low, double high) const;
    /// The colour at `position` in [0, 1] of the table: for legends, and for text over a map.
    QColor at(double position) const;

    /// 256 entries, red in the lowest byte, alpha 255.
    const std::array<std::uint32_t, size>& table() const;
    /// For the shader: the colours of evenly spread values from low to high. A diverging map has its power in it, with
    /// entries so close that none is more than two of the table from its neighbour.
    std::span<const std::uint32_t> lookup() const;

  private:
    struct Data;
    std::shared_ptr<const Data> m_data;
};

/// True when black text reads better than white over `background` (WCAG 2 relative luminance).
bool blackTextOver(const QColor& background);

} // namespace hs::ui
