#pragma once

#include "ui/theme/theme.h"

#include <QHash>
#include <QStaticText>

class QPainter;

namespace hs::ui {

/// How a piece of text on a canvas is set.
struct TextStyle {
    TypeSize size = TypeSize::annotation;
    QFont::Weight weight = QFont::Normal;
    bool mono = false;
    double scale = 1; ///< of the type size, for zoomed canvases; in steps of an eighth
};

/// Draws text over canvases and keeps what it has laid out, since shaping costs ten times what drawing does. Text is
/// never clipped: what does not fit is not drawn.
class TextPainter {
  public:
    TextPainter();

    QSizeF size(const QString& text, const TextStyle& style) const;
    double width(const QString& text, const TextStyle& style) const { return size(text, style).width(); }

    /// Draws `text` inside `rect` by `alignment` when it fits; returns whether it did. Half a pixel too much is
    /// allowed.
    bool draw(QPainter& painter, const QRectF& rect, Qt::Alignment alignment, const QString& text,
              const TextStyle& style, const QColor& color) const;
    /// Draws with the left end and the middle of the line at `point`, however long.
    void drawAt(QPainter& painter, QPointF point, const QString& text, const TextStyle& style,
                const QColor& color) const;
    /// Upwards, centred on `middle`.
    void drawRotated(QPainter& painter, QPointF middle, const QString& text, const TextStyle& style,
                     const QColor& color) const;

    /// `text`, or with an ellipsis in place of its end (or its beginning, for paths); for names, never for numbers.
    QString elided(const QString& text, const TextStyle& style, double width,
                   Qt::TextElideMode mode = Qt::ElideRight) const;

    void clear();

  private:
    struct Entry {
        QStaticText text;
        QSizeF size;
    };
    struct Face {
        QFont font;
        QHash<QString, Entry> entries;
    };
    Face& face(const TextStyle& style) const;
    const Entry& entry(Face& face, const QString& text) const;

    mutable QHash<quint32, Face> m_faces;
};

} // namespace hs::ui
