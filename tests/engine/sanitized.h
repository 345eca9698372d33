#pragma once

namespace hs::test {

/// Whether TSan watches, under which everything takes ten times as long: what one thread computes alone has nothing for
/// it to find.
#ifdef __SANITIZE_THREAD__
inline constexpr bool threads_are_watched = true;
#else
inline constexpr bool threads_are_watched = false;
#endif

} // namespace hs::test
