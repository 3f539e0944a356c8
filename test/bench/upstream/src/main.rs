//! Upstream's library, measured from within: `upstream-bench POOL` opens (or creates) the pool, then answers each line
//! `append N`, `flush N`, `get N`, `tail N` on standard input with the nanoseconds that one such operation took.
//! The messages are the ones that the benchmark gives to everybody.
use plasmite::api::{Durability, Error, Pool, PoolApiExt, PoolOptions, TailOptions};
use serde_json::json;
use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::time::Instant;

const POOL_BYTES: u64 = 64 * 1024 * 1024;

fn append(pool: &mut Pool, count: u64, durability: Durability) -> Result<(), Error> {
    let data = json!({ "from": "alice", "msg": "hello bob" });
    for _ in 0..count {
        black_box(pool.append_json_now(&data, &[], durability)?);
    }
    Ok(())
}

/// Messages of the newest 50,000, in a scattered order: all of them in the index.
fn get(pool: &Pool, count: u64) -> Result<(), Error> {
    let bounds = pool.bounds()?;
    let newest = bounds.newest_seq.expect("messages");
    let span = (newest - bounds.oldest_seq.expect("messages") + 1).min(50_000);
    let mut state: u64 = 1;
    for _ in 0..count {
        state = (state * 48_271) % 2_147_483_647;
        black_box(pool.get_message(newest - state % span)?);
    }
    Ok(())
}

fn tail(pool: &Pool, count: u64) -> Result<(), Error> {
    let mut options = TailOptions::new();
    options.notify = false;
    options.max_messages = Some(count as usize);
    let mut tail = pool.tail(options);
    while let Some(message) = tail.next_message()? {
        black_box(message);
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: upstream-bench POOL")?;
    let mut pool = match Pool::open(&path) {
        Ok(pool) => pool,
        Err(_) => Pool::create(&path, PoolOptions::new(POOL_BYTES)).map_err(|error| format!("{error:?}"))?,
    };
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (operation, count) = line.split_once(' ').ok_or("a command is a word and a number")?;
        let count: u64 = count.parse()?;
        let started = Instant::now();
        match operation {
            "append" => append(&mut pool, count, Durability::Fast),
            "flush" => append(&mut pool, count, Durability::Flush),
            "get" => get(&pool, count),
            "tail" => tail(&pool, count),
            _ => return Err(format!("unknown operation: {operation}").into()),
        }
        .map_err(|error| format!("{error:?}"))?;
        println!("{}", started.elapsed().as_nanos() as f64 / count as f64);
        io::stdout().flush()?;
    }
    Ok(())
}
