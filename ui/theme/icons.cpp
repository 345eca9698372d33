#include "ui/theme/icons.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace hs::ui {

namespace {

QByteArray svgOf(const QString& name, Token token) {
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly)) return {};
    QByteArray svg = file.readAll();
    svg.replace("currentColor", theme().color(token).name().toLatin1());
    for (const Token own : {Token::forward, Token::backward})
        svg.replace('@' + tokenName(own).toLatin1(), theme().color(own).name().toLatin1());
    return svg;
}

QPixmap draw(const QString& name, Token token, QSize pixels) {
    const QString key = QStringLiteral("hs-icon/%1/%2/%3/%4x%5")
                            .arg(name, theme().colors().name)
                            .arg(static_cast<int>(token))
                            .arg(pixels.width())
                            .arg(pixels.height());
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap)) return pixmap;
    pixmap = QPixmap(pixels);
    pixmap.fill(Qt::transparent);
    QSvgRenderer renderer(svgOf(name, token));
    QPainter painter(&pixmap);
    renderer.render(&painter);
    painter.end();
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

class Engine final : public QIconEngine {
  public:
    Engine(QString name, Token token) : m_name(std::move(name)), m_token(token) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        const double ratio = painter->device()->devicePixelRatioF();
        painter->drawPixmap(rect, draw(m_name, tokenFor(mode), (QSizeF(rect.size()) * ratio).toSize()));
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override {
        return draw(m_name, tokenFor(mode), size);
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State, qreal scale) override {
        QPixmap pixmap = draw(m_name, tokenFor(mode), size);
        pixmap.setDevicePixelRatio(scale);
        return pixmap;
    }
    QIconEngine* clone() const override { return new Engine(m_name, m_token); }

  private:
    Token tokenFor(QIcon::Mode mode) const { return mode == QIcon::Disabled ? Token::text3 : m_token; }

    QString m_name;
    Token m_token;
};

} // namespace

QIcon icon(const QString& name, Token token) {
    return QIcon(new Engine(name, token));
}

QPixmap iconPixmap(const QString& name, Token token, int size, double pixelRatio) {
    const int pixels = qRound(size * pixelRatio);
    QPixmap pixmap = draw(name, token, {pixels, pixels});
    pixmap.setDevicePixelRatio(pixelRatio);
    return pixmap;
}

} // namespace hs::ui
