// SPDX-License-Identifier: MIT OR Apache-2.0
//! Feature `tokio`: files that jobs decompress, as an `AsyncRead`, and that jobs
//! compress, as an `AsyncWrite`.

use std::fmt;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::tokio::io::{AsyncRead, ReadBuf};

use crate::{Block, Index, Job, Options, Pool, Result};

mod writer;

pub use writer::AsyncWriter;

/// Uncompressed bytes that one job decompresses, or compresses at most.
const PART: usize = 1 << 20;

/// A BGZF file that the threads of a pool decompress, part by part.
///
/// While one part is read, a job decompresses the next one. No thread of the
/// executor blocks, and none is taken from it. If the reader is dropped, its
/// job is cancelled.
///
/// # Examples
///
/// ```
/// use tokio::io::AsyncReadExt;
/// # let dir = tempfile::tempdir()?;
/// # let (from, to) = (dir.path().join("a"), dir.path().join("a.gz"));
/// # std::fs::write(&from, "one, two, three")?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let pool = sgz::Pool::new(2)?;
/// pool.job().compress(&from, &to)?.await?;
/// let options = sgz::Options::new();
/// let mut reader = sgz::AsyncReader::open(&pool, &to, &options).await?;
/// let mut text = String::new();
/// reader.read_to_string(&mut text).await?;
/// assert_eq!(text, "one, two, three");
/// # std::io::Result::Ok(())
/// # })?;
/// # std::io::Result::Ok(())
/// ```
pub struct AsyncReader {
    pool: Pool,
    path: PathBuf,
    options: Options,
    index: Index,
    /// Where the part begins that comes next.
    offset: u64,
    coming: Option<Job<Option<Block>>>,
    /// What is being read, and how much of it was.
    part: Option<(Block, usize)>,
}

impl AsyncReader {
    /// Opens the file at `path`: a job finds its blocks.
    ///
    /// # Errors
    ///
    /// [`Status::Unsupported`](crate::Status::Unsupported) if the file is not
    /// BGZF from end to end; the failure of the job.
    pub async fn open(
        pool: &Pool,
        path: impl AsRef<Path>,
        options: &Options,
    ) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let job = pool.job().options(options);
        let index = job.build_index(&path, false)?.await?;
        Ok(Self::with_index(pool, path, index, options))
    }

    /// The same with the index of the file. Nothing is read yet.
    pub fn with_index(
        pool: &Pool,
        path: impl AsRef<Path>,
        index: Index,
        options: &Options,
    ) -> Self {
        Self {
            pool: pool.clone(),
            path: path.as_ref().to_owned(),
            options: options.clone(),
            index,
            offset: 0,
            coming: None,
            part: None,
        }
    }

    fn submit(&self) -> Result<Job<Option<Block>>> {
        self.pool.job().options(&self.options).range_by(
            &self.path,
            Some(&self.index),
            self.offset,
            PART,
        )
    }

    /// Has the next part as `self.part`; at the end there is none.
    fn poll_part(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        let mut job = match self.coming.take() {
            Some(job) => job,
            None => self.submit()?,
        };
        let Poll::Ready(result) = Pin::new(&mut job).poll(context) else {
            self.coming = Some(job);
            return Poll::Pending;
        };
        if let Some(block) = result? {
            self.offset += block.len() as u64;
            self.part = Some((block, 0));
            self.coming = Some(self.submit()?);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for AsyncReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if self.part.is_none() {
            ready!(self.poll_part(context))?;
        }
        let Some((block, at)) = &mut self.part else {
            return Poll::Ready(Ok(())); // the end
        };
        let len = buf.remaining().min(block.len() - *at);
        buf.put_slice(&block[*at..*at + len]);
        *at += len;
        if *at == block.len() {
            self.part = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for AsyncReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncReader")
            .field("path", &self.path)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}
