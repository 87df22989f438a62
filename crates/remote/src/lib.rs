//! What every port to something remote shares: keys, retries, rates, recordings.
