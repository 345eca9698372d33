#pragma once

#include <QtTest>

#include <string>

namespace hs::test {

/// The text with which `body` throws an exception of class E; a sentence that says so when it does not.
template <class E, class Body>
std::string thrown(Body&& body) {
    try {
        body();
    } catch (const E& error) {
        return error.what();
    } catch (const std::exception& error) {
        return std::string("another exception: ") + error.what();
    }
    return "nothing was thrown";
}

} // namespace hs::test
