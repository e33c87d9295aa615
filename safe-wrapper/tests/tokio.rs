// SPDX-License-Identifier: MIT OR Apache-2.0
//! Jobs on tokio, and files that it reads asynchronously.
#![cfg(feature = "tokio")]

mod common;

use std::io::{self, Write};
use std::path::PathBuf;

use common::text;
use sgz::{AsyncReader, Options, Pool, Status};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn packed(dir: &TempDir, text: &[u8]) -> PathBuf {
    let path = dir.path().join("in.bgz");
    let mut writer = Options::new().create(&path).unwrap();
    writer.write_all(text).unwrap();
    writer.finish().unwrap();
    path
}

#[test]
fn several_tasks_read_files_at_once() -> io::Result<()> {
    let dir = tempfile::tempdir()?;
    // more than two of the parts that jobs decompress
    let text = text(2_500_000);
    let path = packed(&dir, &text);
    let pool = Pool::new(2)?;
    runtime().block_on(async {
        let tasks: Vec<_> = (0..3)
            .map(|_| {
                let (pool, path) = (pool.clone(), path.clone());
                tokio::spawn(async move {
                    let options = Options::new().pool(&pool);
                    let mut reader =
                        AsyncReader::open(&pool, &path, &options).await?;
                    let mut read = vec![];
                    reader.read_to_end(&mut read).await?;
                    // at the end there is nothing more
                    assert_eq!(reader.read(&mut [0; 10]).await?, 0);
                    io::Result::Ok(read)
                })
            })
            .collect();
        for task in tasks {
            assert!(task.await?? == text);
        }
        Ok(())
    })
}

#[test]
fn a_reader_that_is_dropped_leaves_the_pool_free() -> io::Result<()> {
    let dir = tempfile::tempdir()?;
    let path = packed(&dir, &text(3_000_000));
    let pool = Pool::new(1)?;
    runtime().block_on(async {
        for len in [0, 1, 1 << 20] {
            let options = Options::new();
            let mut reader = AsyncReader::open(&pool, &path, &options).await?;
            reader.read_exact(&mut vec![0; len]).await?;
        }
        Ok(pool.job().check(&path)?.await?)
    })
}

#[test]
fn what_is_not_bgzf_is_refused() -> io::Result<()> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("plain");
    std::fs::write(&path, "not gzip")?;
    let pool = Pool::new(1)?;
    runtime().block_on(async {
        let opened = AsyncReader::open(&pool, &path, &Options::new()).await;
        assert_eq!(opened.unwrap_err().status(), Status::Format);
        Ok(())
    })
}
