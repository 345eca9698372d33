#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QFile>
#include <QFontMetricsF>
#include <QTest>

#include <cmath>
#include <limits>
#include <numbers>

using namespace hs::ui;

namespace {

struct Lab {
    double l, a, b;
};

using Linear = std::array<double, 3>;

Linear linearRgb(const QColor& color) {
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return {linear(color.redF()), linear(color.greenF()), linear(color.blueF())};
}

/// CIE L*a*b* under D65.
Lab lab(const Linear& c) {
    const auto f = [](double t) { return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116; };
    const double x = f((0.4124564 * c[0] + 0.3575761 * c[1] + 0.1804375 * c[2]) / 0.95047);
    const double y = f(0.2126729 * c[0] + 0.7151522 * c[1] + 0.0721750 * c[2]);
    const double z = f((0.0193339 * c[0] + 0.1191920 * c[1] + 0.9503041 * c[2]) / 1.08883);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

/// CIEDE2000 (Sharma, Wu, Dalal 2005), all weights 1.
double deltaE(const Lab& p, const Lab& q) {
    using std::numbers::pi;
    const double meanC = (std::hypot(p.a, p.b) + std::hypot(q.a, q.b)) / 2;
    const double g = 0.5 * (1 - std::sqrt(std::pow(meanC, 7) / (std::pow(meanC, 7) + std::pow(25.0, 7))));
    const double a1 = (1 + g) * p.a, a2 = (1 + g) * q.a;
    const double c1 = std::hypot(a1, p.b), c2 = std::hypot(a2, q.b);
    const auto hue = [](double b, double a) {
        const double h = std::atan2(b, a);
        return a == 0 && b == 0 ? 0 : h < 0 ? h + 2 * pi : h;
    };
    const double h1 = hue(p.b, a1), h2 = hue(q.b, a2);
    double dh = h2 - h1, meanH = h1 + h2;
    if (c1 * c2 == 0) {
        dh = 0;
    } else {
        if (std::abs(h1 - h2) > pi) meanH += h1 + h2 < 2 * pi ? 2 * pi : -2 * pi;
        if (dh > pi) dh -= 2 * pi;
        if (dh < -pi) dh += 2 * pi;
        meanH /= 2;
    }
    const double dL = q.l - p.l, dC = c2 - c1, dH = 2 * std::sqrt(c1 * c2) * std::sin(dh / 2);
    const double mL = (p.l + q.l) / 2, mC = (c1 + c2) / 2;
    const double t = 1 - 0.17 * std::cos(meanH - pi / 6) + 0.24 * std::cos(2 * meanH) +
                     0.32 * std::cos(3 * meanH + pi / 30) - 0.20 * std::cos(4 * meanH - 63 * pi / 180);
    const double sL = 1 + 0.015 * std::pow(mL - 50, 2) / std::sqrt(20 + std::pow(mL - 50, 2));
    const double sC = 1 + 0.045 * mC, sH = 1 + 0.015 * mC * t;
    const double rC = 2 * std::sqrt(std::pow(mC, 7) / (std::pow(mC, 7) + std::pow(25.0, 7)));
    const double turn = (meanH * 180 / pi - 275) / 25;
    const double rT = -std::sin(pi / 3 * std::exp(-turn * turn)) * rC;
    return std::sqrt(std::pow(dL / sL, 2) + std::pow(dC / sC, 2) + std::pow(dH / sH, 2) + rT * dC / sC * dH / sH);
}

using Matrix = std::array<double, 9>;

/// Machado, Oliveira, Fernandes 2009, severity 1.
constexpr std::array<Matrix, 3> deficiencies{
    Matrix{0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
    Matrix{0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881},
    Matrix{1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900}};

Linear seen(const Linear& c, const Matrix& m) {
    Linear out{};
    for (std::size_t i = 0; i < 3; ++i)
        out[i] = std::clamp(m[3 * i] * c[0] + m[3 * i + 1] * c[1] + m[3 * i + 2] * c[2], 0.0, 1.0);
    return out;
}

/// The sign beside the colour that style gives each token.
QString shapeOf(Token token) {
    switch (token) {
    case Token::forward:
        return "pill";
    case Token::backward:
        return "rounded box";
    case Token::leaf:
        return "leaf";
    case Token::accumulate:
        return "pill with +=";
    case Token::update:
        return "diamond";
    case Token::buffer:
        return "dashed";
    case Token::saved:
        return "page";
    case Token::warning:
        return "triangle";
    case Token::error:
        return "octagon";
    case Token::nan:
        return "hatch";
    default:
        return "ring";
    }
}

} // namespace

class TstTheme : public QObject {
    Q_OBJECT

  private slots:
    void contrast_data();
    void contrast();
    void tellsTokensApart_data() { contrast_data(); }
    void tellsTokensApart();
    void deltaEMatchesPublishedPairs();
    void refusesDamagedFiles_data();
    void refusesDamagedFiles();
    void switchesAtRunTime();
    void fontsAreFound();
    void numbers_data();
    void numbers();
    void units();
    void shapes();
};

void TstTheme::contrast_data() {
    QTest::addColumn<int>("mode");
    QTest::newRow("dark") << int(Theme::Mode::dark);
    QTest::newRow("light") << int(Theme::Mode::light);
}

void TstTheme::contrast() {
    QFETCH(int, mode);
    theme().setMode(static_cast<Theme::Mode>(mode));
    const auto atLeast = [](Token token, const QColor& ground, double least, const QString& where) {
        const double ratio = contrastRatio(theme().color(token), ground);
        // Ratios are stated to one decimal.
        QVERIFY2(ratio >= least - 0.05,
                 qPrintable(QString("%1 on %2: %3, wanted %4").arg(tokenName(token), where).arg(ratio).arg(least)));
    };
    for (const Token surface : {Token::canvas, Token::panel, Token::raised}) {
        const QColor ground = theme().color(surface);
        const QString where = tokenName(surface);
        atLeast(Token::text, ground, 13, where);
        atLeast(Token::text2, ground, 7, where);
        atLeast(Token::text3, ground, 5, where);
        atLeast(Token::control, ground, 3, where);
        for (int token = int(Token::forward); token <= int(Token::selection); ++token)
            atLeast(static_cast<Token>(token), ground, 4.6, where);
    }
    for (const Token text : {Token::text, Token::text2})
        atLeast(text, theme().color(Token::hover), 4.5, "hover");
    atLeast(Token::control, theme().color(Token::hover), 3, "hover");
    for (int token = int(Token::forward); token <= int(Token::nan); ++token) {
        const auto fill = static_cast<Token>(token);
        for (const int percent : {12, 20}) {
            const QString where = QString("%1 at %2 %").arg(tokenName(fill)).arg(percent);
            atLeast(Token::text, theme().tint(fill, percent), 4.5, where);
            atLeast(Token::text2, theme().tint(fill, percent), 4.5, where);
        }
        atLeast(Token::onFill, theme().color(fill), 4.5, tokenName(fill) + " at 100 %");
    }
}

void TstTheme::tellsTokensApart() {
    QFETCH(int, mode);
    theme().setMode(static_cast<Theme::Mode>(mode));
    int close = 0;
    for (const Matrix& deficiency : deficiencies)
        for (int i = int(Token::forward); i <= int(Token::selection); ++i)
            for (int j = i + 1; j <= int(Token::selection); ++j) {
                const auto a = static_cast<Token>(i), b = static_cast<Token>(j);
                const double distance = deltaE(lab(seen(linearRgb(theme().color(a)), deficiency)),
                                               lab(seen(linearRgb(theme().color(b)), deficiency)));
                if (distance >= 10) continue;
                ++close;
                QVERIFY2(shapeOf(a) != shapeOf(b), qPrintable(tokenName(a) + " and " + tokenName(b)));
            }
    QVERIFY(close >= 3); // leaf and accumulate are one colour under each deficiency
    // Forward against backward is the pair that everything rests on: colour alone must tell them apart as well.
    for (const Matrix& deficiency : deficiencies)
        QVERIFY(deltaE(lab(seen(linearRgb(theme().color(Token::forward)), deficiency)),
                       lab(seen(linearRgb(theme().color(Token::backward)), deficiency))) > 20);
}

void TstTheme::deltaEMatchesPublishedPairs() {
    // Pairs 1, 7 and 25 of the test data of Sharma, Wu and Dalal.
    QVERIFY(std::abs(deltaE({50, 2.6772, -79.7751}, {50, 0, -82.7485}) - 2.0425) < 1e-4);
    QVERIFY(std::abs(deltaE({50, 0, 0}, {50, -1, 2}) - 2.3669) < 1e-4);
    QVERIFY(std::abs(deltaE({60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}) - 1.2644) < 1e-4);
}

void TstTheme::refusesDamagedFiles_data() {
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<QString>("says");
    QTest::newRow("not JSON") << QByteArray("{") << QByteArray("") << "offset";
    QTest::newRow("no name") << QByteArray("\"name\": \"dark\"") << QByteArray("\"name\": 1") << "\"name\"";
    QTest::newRow("missing token") << QByteArray("\"saved\"") << QByteArray("\"gone\"") << "tokens.saved";
    QTest::newRow("colour by name") << QByteArray("\"#56B4E9\"") << QByteArray("\"red\"") << "tokens.forward: \"red\"";
    QTest::newRow("colour too short") << QByteArray("\"#6B7683\"") << QByteArray("\"#6B7\"") << "neutrals.control";
    QTest::newRow("number as colour") << QByteArray("\"#E8ECF1\"") << QByteArray("7") << "neutrals.text";
}

void TstTheme::refusesDamagedFiles() {
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    QFETCH(QString, says);
    QFile file(":/themes/dark.json");
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray json = file.readAll();
    ThemeColors colors;
    QString error;
    QVERIFY2(readTheme(json, "dark.json", colors, error), qPrintable(error));
    QVERIFY(json.contains(from));
    QVERIFY(!readTheme(json.replace(from, to), "dark.json", colors, error));
    QVERIFY2(error.startsWith("dark.json: ") && error.contains(says), qPrintable(error));
}

void TstTheme::switchesAtRunTime() {
    theme().setMode(Theme::Mode::dark);
    theme().applyToApplication();
    int changes = 0;
    const auto connection = connect(&theme(), &Theme::changed, [&] { ++changes; });
    theme().setMode(Theme::Mode::light);
    theme().setMode(Theme::Mode::light);
    disconnect(connection);
    QCOMPARE(changes, 1);
    QCOMPARE(qApp->palette().color(QPalette::Window), QColor("#FFFFFF"));
    QCOMPARE(theme().divergingMap(), "vik-like");
    QVERIFY(!qApp->styleSheet().isEmpty());
    QVERIFY2(!qApp->styleSheet().contains('@'), "a token in the style sheet is not known to the theme");
    QCOMPARE(theme().color(Token::accumulate), theme().color(Token::leaf));
}

void TstTheme::fontsAreFound() {
    QVERIFY(!theme().family().isEmpty());
    const QFontMetricsF mono(theme().mono());
    QCOMPARE(mono.horizontalAdvance("->"), mono.horizontalAdvance("00"));
    QCOMPARE(mono.horizontalAdvance("1111"), mono.horizontalAdvance("0000"));
    QVERIFY(QFontMetricsF(theme().font(TypeSize::keyFigure)).height() >
            QFontMetricsF(theme().font(TypeSize::annotation)).height());
}

void TstTheme::numbers_data() {
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("text");
    QTest::newRow("zero") << 0.0 << "0";
    QTest::newRow("negative zero") << -0.0 << "0";
    QTest::newRow("small") << 0.068371 << "0.06837";
    QTest::newRow("tens") << 12.041 << "12.04";
    QTest::newRow("thousands") << 1234.56 << "1,235";
    QTest::newRow("largest without exponent") << 99999.4 << "99,999";
    QTest::newRow("exponent from 1e5") << 1e5 << "1.000e5";
    QTest::newRow("smallest without exponent") << 1e-3 << "0.001000";
    QTest::newRow("exponent below 1e-3") << 9.99e-4 << "9.990e−4";
    QTest::newRow("rounds up out of the exponent") << 0.00099999 << "0.001000";
    QTest::newRow("negative") << -8.13e-6 << "−8.130e−6";
    QTest::newRow("carry") << 9.99996 << "10.00";
    QTest::newRow("nan") << std::numeric_limits<double>::quiet_NaN() << "NaN";
    QTest::newRow("inf") << std::numeric_limits<double>::infinity() << "∞";
    QTest::newRow("minus inf") << -std::numeric_limits<double>::infinity() << "−∞";
}

void TstTheme::numbers() {
    QFETCH(double, value);
    QTEST(formatNumber(value), "text");
}

void TstTheme::units() {
    QCOMPARE(formatCount(61706), "61,706");
    QCOMPARE(formatCount(-1284), "−1,284");
    QCOMPARE(formatCount(999), "999");
    QCOMPARE(formatFixed(-0.00001, 4), "0.0000");
    QCOMPARE(formatFixed(-0.0870, 4), "−0.0870");
    QCOMPARE(formatSi(15.05e6), "15.05 M");
    QCOMPARE(formatSi(850), "850");
    QCOMPARE(formatSeconds(0.000412), "0.4120 ms");
    QCOMPARE(formatSeconds(0.0000381), "38.10 µs");
    QCOMPARE(formatSeconds(2.4), "2.400 s");
    QCOMPARE(formatBytes(600), "600 B");
    QCOMPARE(formatBytes(1204224), "1.148 MiB");
    QCOMPARE(formatPercent(0.04), "4.0 %");
    QCOMPARE(formatPercent(0.872, 2), "87.20 %");
    QCOMPARE(formatBool(true), "True");
}

void TstTheme::shapes() {
    const std::array<std::int64_t, 4> shape{64, 6, 28, 28};
    QCOMPARE(formatShape(shape), "[64, 6, 28, 28]");
    QCOMPARE(formatShape({}), "[]");
    const QFontMetricsF metrics(theme().mono());
    const double digit = metrics.horizontalAdvance('0');
    QCOMPARE(elideShape(shape, metrics, 15.5 * digit), "[64, 6, 28, 28]");
    QCOMPARE(elideShape(shape, metrics, 14 * digit), "[64, …, 28]");
    QCOMPARE(elideShape(shape, metrics, 4 * digit), "[…]");
}

int main(int argc, char** argv) {
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    TstTheme test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_theme.moc"
