//! Requests as they come over a connection.

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// Reads until `bytes` begins with a whole request, and says how long that is.
pub(crate) async fn request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<usize> {
    let mut size = None;
    loop {
        size = size.or_else(|| size_of_request(bytes));
        if let Some(size) = size.filter(|size| bytes.len() >= *size) {
            return Some(size);
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn size_of_request(bytes: &[u8]) -> Option<usize> {
    let head = find(bytes, b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?.to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    Some(head + length.and_then(|length| length.trim().parse::<usize>().ok()).unwrap_or(0))
}

/// Where a part stands in a text first.
pub(crate) fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
