#include "ui/theme/theme.h"

#include "ui/theme/style.h"
#include "ui/theme/style_sheet.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPalette>
#include <QScreen>

#include <cmath>
#include <stdexcept>

namespace hs::ui {

namespace {

constexpr std::array<const char*, tokenCount> tokenNames{
    "forward", "backward",   "leaf",      "accumulate", "update", "buffer", "saved",  "warning",
    "error",   "nan",        "selection", "app",        "canvas", "panel",  "raised", "hover",
    "line",    "lineStrong", "control",   "text",       "text2",  "text3",  "onFill"};

bool isNeutral(Token token) {
    return token >= Token::app;
}

/// `#RRGGBB`, and nothing else: names such as "red" would hide a slip.
bool readColor(const QString& text, QColor& color) {
    if (text.size() != 7 || !text.startsWith(QLatin1Char('#'))) return false;
    bool ok = false;
    const uint rgb = text.mid(1).toUInt(&ok, 16);
    if (ok) color = QColor::fromRgb(rgb);
    return ok;
}

QString firstInstalled(std::initializer_list<const char*> families, const QFont& otherwise) {
    const QStringList installed = QFontDatabase::families();
    for (const char* family : families) {
        const QString name = QString::fromLatin1(family);
        if (installed.contains(name)) return name;
    }
    return otherwise.family();
}

double linear(double channel) {
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color) {
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

/// Sizes are in pixels and half pixels, which only point sizes can say.
void setPixels(QFont& font, double pixels) {
    const QScreen* screen = QGuiApplication::primaryScreen();
    font.setPointSizeF(pixels * 72.0 / (screen ? screen->logicalDotsPerInchY() : 96.0));
}

ThemeColors builtIn(const QString& name) {
    const QString path = QStringLiteral(":/themes/%1.json").arg(name);
    QFile file(path);
    ThemeColors theme;
    QString error = file.open(QIODevice::ReadOnly) ? QString() : path + QStringLiteral(": ") + file.errorString();
    if (!error.isEmpty() || !readTheme(file.readAll(), path, theme, error))
        throw std::runtime_error(error.toStdString());
    return theme;
}

} // namespace

QString tokenName(Token token) {
    return QString::fromLatin1(tokenNames[static_cast<std::size_t>(token)]);
}

double contrastRatio(const QColor& a, const QColor& b) {
    const double la = luminance(a);
    const double lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

QColor blend(const QColor& top, const QColor& bottom, int percent) {
    const auto mix = [percent](int over, int under) { return (over * percent + under * (100 - percent) + 50) / 100; };
    return QColor(mix(top.red(), bottom.red()), mix(top.green(), bottom.green()), mix(top.blue(), bottom.blue()));
}

bool readTheme(const QByteArray& json, const QString& file, ThemeColors& theme, QString& error) {
    QJsonParseError parse;
    const QJsonDocument document = QJsonDocument::fromJson(json, &parse);
    if (!document.isObject()) {
        error = QStringLiteral("%1: offset %2: %3").arg(file).arg(parse.offset).arg(parse.errorString());
        return false;
    }
    const QJsonObject root = document.object();
    theme.name = root[QLatin1String("name")].toString();
    theme.dark = root[QLatin1String("dark")].toBool();
    theme.divergingMap = root[QLatin1String("diverging")].toString();
    if (theme.name.isEmpty() || theme.divergingMap.isEmpty()) {
        error = QStringLiteral("%1: \"name\" and \"diverging\" must be texts").arg(file);
        return false;
    }
    for (int i = 0; i < tokenCount; ++i) {
        const auto token = static_cast<Token>(i);
        if (token == Token::accumulate) continue;
        const QString group = isNeutral(token) ? QStringLiteral("neutrals") : QStringLiteral("tokens");
        const QString value = root[group].toObject()[tokenName(token)].toString();
        if (!readColor(value, theme.colors[static_cast<std::size_t>(i)])) {
            error = QStringLiteral("%1: %2.%3: \"%4\" is not a colour such as #56B4E9")
                        .arg(file, group, tokenName(token), value);
            return false;
        }
    }
    theme.colors[static_cast<std::size_t>(Token::accumulate)] = theme.colors[static_cast<std::size_t>(Token::leaf)];
    return true;
}

Theme& Theme::instance() {
    static Theme* theme = nullptr;
    if (!theme) {
        theme = new Theme(qApp);
        connect(theme, &QObject::destroyed, [] { theme = nullptr; });
    }
    return *theme;
}

Theme::Theme(QObject* parent)
    : QObject(parent), m_colors{builtIn(QStringLiteral("dark")), builtIn(QStringLiteral("light"))} {
    m_family = firstInstalled({"Inter", "Noto Sans"}, QFontDatabase::systemFont(QFontDatabase::GeneralFont));
    m_monoFamily =
        firstInstalled({"JetBrains Mono", "DejaVu Sans Mono"}, QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_reducedMotion = !QApplication::isEffectEnabled(Qt::UI_General);
}

void Theme::setMode(Mode mode) {
    if (mode == m_mode) return;
    m_mode = mode;
    if (m_applied) {
        QApplication::setPalette(palette());
        qApp->setStyleSheet(makeStyleSheet(*this));
    }
    emit changed();
}

void Theme::applyToApplication() {
    m_applied = true;
    QApplication::setStyle(new Style);
    QApplication::setPalette(palette());
    QApplication::setFont(font());
    qApp->setStyleSheet(makeStyleSheet(*this));
}

QColor Theme::tint(Token token, int percent, Token surface) const {
    return blend(color(token), color(surface), percent);
}

QPalette Theme::palette() const {
    QPalette palette;
    const auto all = [&](QPalette::ColorRole role, Token token) { palette.setColor(role, color(token)); };
    all(QPalette::Window, Token::panel);
    all(QPalette::WindowText, Token::text);
    all(QPalette::Base, Token::panel);
    all(QPalette::AlternateBase, Token::raised);
    all(QPalette::ToolTipBase, Token::raised);
    all(QPalette::ToolTipText, Token::text);
    all(QPalette::PlaceholderText, Token::text3);
    all(QPalette::Text, Token::text);
    all(QPalette::Button, Token::raised);
    all(QPalette::ButtonText, Token::text);
    all(QPalette::BrightText, Token::text);
    all(QPalette::Highlight, Token::hover);
    all(QPalette::HighlightedText, Token::text);
    all(QPalette::Link, Token::text);
    all(QPalette::LinkVisited, Token::text2);
    all(QPalette::Light, Token::lineStrong);
    all(QPalette::Midlight, Token::line);
    all(QPalette::Mid, Token::line);
    all(QPalette::Dark, Token::app);
    all(QPalette::Shadow, Token::app);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, color(Token::text3));
    return palette;
}

QFont Theme::font(TypeSize size, QFont::Weight weight) const {
    QFont font(m_family);
    setPixels(font, pixelSize(size));
    font.setWeight(weight);
    font.setHintingPreference(QFont::PreferVerticalHinting);
    return font;
}

QFont Theme::mono(TypeSize size, QFont::Weight weight) const {
    QFont font(m_monoFamily);
    setPixels(font, pixelSize(size));
    font.setWeight(weight);
    font.setStyleHint(QFont::Monospace);
    font.setHintingPreference(QFont::PreferVerticalHinting);
    // The face joins signs such as -> into ligatures unless text is laid out without shaping.
    font.setStyleStrategy(QFont::PreferNoShaping);
    font.setKerning(false);
    return font;
}

double Theme::pixelSize(TypeSize size) {
    static constexpr std::array sizes{19.0, 14.0, 12.5, 11.5, 11.0, 10.0};
    return sizes[static_cast<std::size_t>(size)];
}

int Theme::lineHeight(TypeSize size) {
    static constexpr std::array heights{24, 20, 18, 17, 16, 14};
    return heights[static_cast<std::size_t>(size)];
}

} // namespace hs::ui
