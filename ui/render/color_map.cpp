#include "ui/render/color_map.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace hs::ui {

namespace {

constexpr qint64 largestFile = 1 << 20;
constexpr int warpedSize = 4097; // with an entry for 0 itself

std::uint32_t pack(double red, double green, double blue) {
    const auto byte = [](double v) { return std::uint32_t(std::clamp(std::lround(v * 255.0), 0L, 255L)); };
    return byte(red) | byte(green) << 8 | byte(blue) << 16 | 0xFF000000u;
}

QColor unpacked(std::uint32_t c) {
    return QColor(int(c & 0xFF), int(c >> 8 & 0xFF), int(c >> 16 & 0xFF));
}

double linear(double channel) {
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

/// The stops of a map file, or none and a reason.
std::vector<QColor> readStops(const QJsonObject& file, QString* reason) {
    const QJsonArray colors = file["colors"].toArray();
    std::vector<QColor> stops;
    if (colors.size() < 2 || colors.size() > ColorMap::size) {
        *reason = QStringLiteral("\"colors\" needs 2 to %1 colours, not %2").arg(ColorMap::size).arg(colors.size());
        return stops;
    }
    for (const auto& value : colors) {
        const QString text = value.toString();
        const QColor color = text.startsWith('#') ? QColor(text) : QColor();
        if (!color.isValid()) {
            *reason = QStringLiteral("\"colors\"[%1] is no colour of the form #rrggbb").arg(stops.size());
            return {};
        }
        stops.push_back(color);
    }
    return stops;
}

} // namespace

struct ColorMap::Data {
    QString name;
    bool diverging;
    double power;
    std::array<std::uint32_t, size> table;
    std::vector<std::uint32_t> warped; // of a diverging map

    double position(double u) const;
    std::uint32_t entry(double position) const;
};

/// From the place in [low, high], as 0 to 1, to the place in the table.
double ColorMap::Data::position(double u) const {
    const double c = 2 * u - 1;
    return 0.5 + 0.5 * std::copysign(std::pow(std::abs(c), power), c);
}

std::uint32_t ColorMap::Data::entry(double position) const {
    const double index = std::clamp(position, 0.0, 1.0) * (size - 1) + 0.5;
    return table[std::min(std::size_t(index), std::size_t(size - 1))];
}

ColorMap::ColorMap() {
    static const ColorMap grey(QStringLiteral("grey"), std::array{QColor(Qt::black), QColor(Qt::white)});
    m_data = grey.m_data;
}

ColorMap::ColorMap(QString name, std::span<const QColor> stops, bool diverging, double power) {
    Data data{std::move(name), diverging, power, {}, {}};
    const auto last = double(stops.size() - 1);
    for (int i = 0; i < size; ++i) {
        const double at = last * i / (size - 1);
        const auto left = std::min(std::size_t(at), stops.size() - 1), right = std::min(left + 1, stops.size() - 1);
        const double t = at - double(left);
        const QColor &a = stops[left], &b = stops[right];
        data.table[std::size_t(i)] = pack(std::lerp(a.redF(), b.redF(), t), std::lerp(a.greenF(), b.greenF(), t),
                                          std::lerp(a.blueF(), b.blueF(), t));
    }
    if (diverging) {
        for (int i = 0; i < warpedSize; ++i)
            data.warped.push_back(data.entry(data.position(double(i) / (warpedSize - 1))));
    }
    m_data = std::make_shared<const Data>(std::move(data));
}

QStringList ColorMap::names() {
    return {QStringLiteral("viridis"), QStringLiteral("cividis"), QStringLiteral("grey"), QStringLiteral("dusk"),
            QStringLiteral("vik-like")};
}

ColorMap ColorMap::named(const QString& name, QString* error) {
    // Views ask for a map with each picture they draw: the files are read once.
    struct Loaded {
        ColorMap map;
        QString error;
    };
    static const auto loaded = [] {
        std::map<QString, Loaded> maps;
        for (const QString& each : names()) {
            Loaded& entry = maps[each];
            entry.map = fromFile(QStringLiteral(":/colormaps/%1.json").arg(each), &entry.error);
        }
        return maps;
    }();
    const auto found = loaded.find(name);
    if (found == loaded.end()) {
        if (error)
            *error = QStringLiteral("There is no colour map \"%1\"; there are %2.").arg(name, names().join(", "));
        return {};
    }
    if (error) *error = found->second.error;
    return found->second.map;
}

ColorMap ColorMap::fromFile(const QString& path, QString* error) {
    const auto fail = [&](const QString& reason) {
        if (error) *error = QStringLiteral("%1: %2.").arg(path, reason);
        return ColorMap();
    };
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return fail(file.errorString());
    if (file.size() > largestFile) return fail(QStringLiteral("larger than 1 MiB, so it is no colour map"));
    QJsonParseError parse;
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll(), &parse);
    if (!document.isObject()) return fail(QStringLiteral("byte %1: %2").arg(parse.offset).arg(parse.errorString()));

    const QJsonObject object = document.object();
    QString reason;
    const std::vector<QColor> stops = readStops(object, &reason);
    if (stops.empty()) return fail(reason);
    const double power = object["power"].toDouble(1.0);
    if (!(power > 0.0 && power <= 10.0)) return fail(QStringLiteral("\"power\" must lie between 0 and 10"));
    return ColorMap(object["name"].toString(), stops, object["diverging"].toBool(), power);
}

const QString& ColorMap::name() const {
    return m_data->name;
}

bool ColorMap::isDiverging() const {
    return m_data->diverging;
}

double ColorMap::power() const {
    return m_data->power;
}

QColor ColorMap::color(double value, double low, double high) const {
    const double u = high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0.5;
    return at(m_data->diverging ? m_data->position(u) : u);
}

QColor ColorMap::at(double position) const {
    return unpacked(m_data->entry(position));
}

const std::array<std::uint32_t, ColorMap::size>& ColorMap::table() const {
    return m_data->table;
}

std::span<const std::uint32_t> ColorMap::lookup() const {
    if (m_data->diverging) return m_data->warped;
    return m_data->table;
}

bool blackTextOver(const QColor& background) {
    const double luminance =
        0.2126 * linear(background.redF()) + 0.7152 * linear(background.greenF()) + 0.0722 * linear(background.blueF());
    // Where the contrast to black, (L + 0.05) / 0.05, passes the contrast to white, 1.05 / (L + 0.05).
    return (luminance + 0.05) * (luminance + 0.05) > 1.05 * 0.05;
}

} // namespace hs::ui
