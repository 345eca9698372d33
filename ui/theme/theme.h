#pragma once

#include <QColor>
#include <QFont>
#include <QObject>
#include <QString>

#include <array>

class QByteArray;
class QPalette;

namespace hs::ui {

/// What a colour stands for. Hues mean one thing each; neutrals are for everything else. The values are read from
/// `resources/themes/*.json`.
enum class Token : quint8 {
    forward,    ///< values, forward operations, non-leaf tensors
    backward,   ///< gradients, autograd nodes, norms
    leaf,       ///< leaves, parameters, their `.grad`
    accumulate, ///< alias of leaf: a gradient coming to rest
    update,     ///< optimizer writes
    buffer,     ///< buffers, constants, leaves without gradient
    saved,      ///< saved tensors; 1 in a mask
    warning,    ///< works, but is probably not meant
    error,      ///< stopped, refused, wrong
    nan,        ///< NaN and Inf in maps, tables and bins
    selection,  ///< what is selected, in every view at once
    app,        ///< behind everything
    canvas,     ///< drawing surfaces
    panel,      ///< docks, bars
    raised,     ///< controls, cards, boxes on a canvas
    hover,      ///< under the pointer; a selected row
    line,       ///< hairlines
    lineStrong, ///< outlines of boxes
    control,    ///< outlines of controls
    text,
    text2,
    text3,
    onFill, ///< text on a surface that is filled with a token at 100 %
};

inline constexpr int tokenCount = static_cast<int>(Token::onFill) + 1;

/// Type sizes at 100 %, in logical pixels of glyph size / line height.
enum class TypeSize : quint8 {
    keyFigure,  ///< 19/24
    subject,    ///< 14/20
    base,       ///< 12.5/18
    secondary,  ///< 11.5/17
    numbers,    ///< 11/16
    annotation, ///< 10/14, the smallest
};

/// The colours of one theme file.
struct ThemeColors {
    QString name;
    bool dark = true;
    QString divergingMap; ///< ColorMap for gradients, weights and differences: "dusk" or "vik-like"
    std::array<QColor, tokenCount> colors;
};

/// Reads a theme file's bytes. On failure returns false and says file, place and reason in `error`.
bool readTheme(const QByteArray& json, const QString& file, ThemeColors& theme, QString& error);

/// Name of a token as the theme files write it: `lineStrong`.
QString tokenName(Token token);

/// Text contrast of two opaque colours by WCAG 2: 1 to 21.
double contrastRatio(const QColor& a, const QColor& b);

/// `top` at `percent` over the opaque colour `bottom`, as an opaque colour.
QColor blend(const QColor& top, const QColor& bottom, int percent);

/// The look of the whole program: one object, made with the first call of `instance()` and owned by the application.
/// Views ask it for colours and fonts when they paint, and repaint on `changed()`.
class Theme : public QObject {
    Q_OBJECT

  public:
    enum class Mode : quint8 { dark, light };

    /// QApplication must exist.
    static Theme& instance();

    Mode mode() const { return m_mode; }
    bool isDark() const { return m_mode == Mode::dark; }
    /// Gives the application its palette and style sheet anew, and emits `changed()`.
    void setMode(Mode mode);
    /// Gives QApplication style, palette, style sheet and font. Without this call the Theme only answers questions,
    /// which is enough to render views offscreen.
    void applyToApplication();

    QColor color(Token token) const { return m_colors[static_cast<int>(m_mode)].colors[static_cast<int>(token)]; }
    /// A tinted fill: the token at `percent` (12 resting, 20 done, 100 running) over `surface`, opaque.
    QColor tint(Token token, int percent, Token surface = Token::panel) const;
    const ThemeColors& colors() const { return m_colors[static_cast<int>(m_mode)]; }
    /// Name of the ColorMap for gradients, weights and differences.
    QString divergingMap() const { return colors().divergingMap; }
    QPalette palette() const;

    /// Interface font. Weights: 400 (QFont::Normal), 500 (Medium, data), 600 (DemiBold, titles).
    QFont font(TypeSize size = TypeSize::base, QFont::Weight weight = QFont::Normal) const;
    /// Fixed-width font with ligatures off: numbers, shapes, code.
    QFont mono(TypeSize size = TypeSize::numbers, QFont::Weight weight = QFont::Normal) const;
    static double pixelSize(TypeSize size);
    static int lineHeight(TypeSize size);
    /// Families as fontconfig found them.
    QString family() const { return m_family; }
    QString monoFamily() const { return m_monoFamily; }

    /// No movement: durations are 0. Follows the desktop's setting where Qt knows it; may be set by hand.
    bool reducedMotion() const { return m_reducedMotion; }
    void setReducedMotion(bool reduced) { m_reducedMotion = reduced; }
    /// `milliseconds`, or 0 with reduced motion.
    int duration(int milliseconds) const { return m_reducedMotion ? 0 : milliseconds; }

  signals:
    void changed();

  private:
    explicit Theme(QObject* parent);

    std::array<ThemeColors, 2> m_colors;
    QString m_family;
    QString m_monoFamily;
    Mode m_mode = Mode::dark;
    bool m_reducedMotion = false;
    bool m_applied = false;
};

/// Short for Theme::instance().
inline Theme& theme() {
    return Theme::instance();
}

} // namespace hs::ui
