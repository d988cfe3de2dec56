//! Nothing but the tests in `tests/simulation`: a package of tests needs a library all the same.
