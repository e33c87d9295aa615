// SPDX-License-Identifier: MIT OR Apache-2.0
//! A BGZF file that jobs compress, part by part, as an `AsyncWrite`.

use std::fmt;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::tokio::io::AsyncWrite;

use super::PART;
use crate::{Block, Error, Job, Options, Pool, Result, Status};

/// A BGZF file that the threads of a pool compress, part by part.
///
/// It writes to `sink` the bytes that a [`Writer`](crate::Writer) with the same
/// options writes. While a job compresses one part, the next one is accepted. No
/// thread of the executor blocks, and no thread of the pool waits for `sink`:
/// only polls of this writer call it.
///
/// [`shutdown`](tokio::io::AsyncWriteExt::shutdown) ends the file. If the writer
/// is dropped before that, the end of the file is missing: bytes that were
/// accepted may not have been written yet. Its job is cancelled, and the drop
/// does not wait for it.
///
/// A future of it may be dropped at any time. A write that did not complete has
/// accepted nothing. A flush or a shutdown that did not complete can be begun
/// again. A flush that did not complete may have ended a block; after a shutdown
/// that did not complete, writes may be refused.
///
/// After a failure each call reports it again, with the same
/// [source](std::error::Error::source). After a panic of `sink` each call reports
/// [`Status::State`].
///
/// # Examples
///
/// ```
/// use tokio::io::AsyncWriteExt;
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let pool = sgz::Pool::new(2)?;
/// let options = sgz::Options::new();
/// let mut writer = sgz::AsyncWriter::new(vec![], &pool, &options)?;
/// writer.write_all(b"one, two, three").await?;
/// writer.shutdown().await?;
/// let mut text = String::new();
/// let file = writer.into_inner();
/// std::io::Read::read_to_string(&mut sgz::Reader::new(&file)?, &mut text)?;
/// assert_eq!(text, "one, two, three");
/// # std::io::Result::Ok(())
/// # })?;
/// # std::io::Result::Ok(())
/// ```
pub struct AsyncWriter<W> {
    sink: W,
    pool: Pool,
    options: Options,
    /// The length of a part: a multiple of a block's.
    part: usize,
    /// Bytes that were accepted, and that no job has: up to `part`.
    taken: Vec<u8>,
    packing: Option<Job<Option<Block>>>,
    /// What is being written, and how much of it was.
    packed: Option<(Block, usize)>,
    end: End,
    health: Health,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Open,
    /// The last job was submitted.
    Ending,
    /// The sink is shut down.
    Over,
}

enum Health {
    Good,
    Failed(Error),
    /// A call of foreign code has not returned.
    Panicked,
}

impl<W> AsyncWriter<W> {
    /// Makes a writer to `sink`. Nothing is written yet.
    ///
    /// If the options have a pool ([`Options::pool`]), its threads help with
    /// each part; it may be `pool`.
    ///
    /// # Errors
    ///
    /// [`Status::Unsupported`] if the format is not BGZF;
    /// [`Status::Invalid`], [`Status::NoMemory`], and [`Status::Io`] if `pool`
    /// cannot start a thread.
    pub fn new(sink: W, pool: &Pool, options: &Options) -> Result<Self> {
        // the library checks the options; the job has nothing to do
        drop(pool.job().options(options).compress_memory(&[], false)?);
        let block = options.to_raw()?.block_size.max(1) as usize;
        Ok(Self {
            sink,
            pool: pool.clone(),
            options: options.clone(),
            part: (PART / block).max(1) * block,
            taken: vec![],
            packing: None,
            packed: None,
            end: End::Open,
            health: Health::Good,
        })
    }

    /// The sink.
    pub fn get_ref(&self) -> &W {
        &self.sink
    }

    /// The sink. What is written to it directly is in the file, too.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.sink
    }

    /// Gives the sink back. The file is complete if the writer was shut down.
    pub fn into_inner(self) -> W {
        self.sink
    }

    /// The failure that each call reports.
    fn check(&self) -> Result<()> {
        match &self.health {
            Health::Good => Ok(()),
            Health::Failed(error) => Err(error.clone()),
            Health::Panicked => Err(Error::new(
                Status::State,
                "the writer's sink panicked in a former call",
            )),
        }
    }

    /// Runs `poll`, and notes how it fails.
    fn guard<T>(
        &mut self,
        poll: impl FnOnce(&mut Self) -> Poll<Result<T>>,
    ) -> Poll<Result<T>> {
        self.check()?;
        self.health = Health::Panicked;
        let polled = poll(self);
        self.health = match &polled {
            Poll::Ready(Err(error)) => {
                self.packing = None;
                Health::Failed(error.clone())
            }
            _ => Health::Good,
        };
        polled
    }

    /// Waits until no job is at work: then `packed` has what it made, if that
    /// is anything.
    fn poll_job(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        let Some(job) = &mut self.packing else {
            return Poll::Ready(Ok(()));
        };
        let block = ready!(Pin::new(job).poll(context));
        self.packing = None;
        self.packed = block?.map(|block| (block, 0));
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWriter<W> {
    /// Writes out what is compressed.
    fn poll_packed(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        while let Some((block, at)) = &mut self.packed {
            let sink = Pin::new(&mut self.sink);
            match ready!(sink.poll_write(context, &block[*at..]))? {
                0 => Err(io::Error::from(ErrorKind::WriteZero))?,
                len => *at += len,
            }
            if *at == block.len() {
                self.packed = None;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Submits what was taken, once the part before it is compressed. That one is
    /// written out later, while the job is at work.
    fn poll_submit(
        &mut self,
        context: &mut Context<'_>,
        finish: bool,
    ) -> Poll<Result<()>> {
        ready!(self.poll_packed(context))?;
        ready!(self.poll_job(context))?;
        let job = self.pool.job().options(&self.options);
        self.packing = Some(job.compress_memory(&self.taken, finish)?);
        self.taken.clear();
        Poll::Ready(Ok(()))
    }

    /// Writes out what is compressed, and what the job at work makes.
    fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_packed(context))?;
        ready!(self.poll_job(context))?;
        self.poll_packed(context)
    }

    fn poll_take(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        if self.taken.len() == self.part {
            ready!(self.poll_submit(context, false))?;
        }
        let len = bytes.len().min(self.part - self.taken.len());
        self.taken.extend_from_slice(&bytes[..len]);
        Poll::Ready(Ok(len))
    }

    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        if self.end == End::Open {
            ready!(self.poll_submit(context, true))?;
            self.end = End::Ending;
        }
        ready!(self.poll_drain(context))?;
        ready!(Pin::new(&mut self.sink).poll_shutdown(context))?;
        self.end = End::Over;
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for AsyncWriter<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        if self.end != End::Open {
            let error = Error::new(Status::State, "the writer is shut down");
            return Poll::Ready(Err(error.into()));
        }
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let polled = self.guard(|writer| writer.poll_take(context, bytes));
        polled.map_err(io::Error::from)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = self.guard(|writer| {
            if writer.end == End::Over {
                return Poll::Ready(Ok(()));
            }
            if writer.end == End::Open && !writer.taken.is_empty() {
                ready!(writer.poll_submit(context, false))?;
            }
            ready!(writer.poll_drain(context))?;
            let flushed = Pin::new(&mut writer.sink).poll_flush(context);
            flushed.map_err(Error::from)
        });
        polled.map_err(io::Error::from)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = self.guard(|writer| match writer.end {
            End::Over => Poll::Ready(Ok(())),
            End::Open | End::Ending => writer.poll_end(context),
        });
        polled.map_err(io::Error::from)
    }
}

impl<W> fmt::Debug for AsyncWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncWriter")
            .field("taken", &self.taken.len())
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
