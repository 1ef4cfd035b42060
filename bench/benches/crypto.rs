//! Wall time of signatures, for every suite and backend, in bursts of eight: `cargo bench -p clearway-bench --bench crypto`.

use std::hint::black_box;
use std::time::Duration;

use clearway_crypto::{Backends, SignJob, Signature, SigningKey, Suite, VerifyJob, backend};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const MESSAGE: [u8; 2048] = [b'x'; 2048];
const BURST: usize = 8;

/// Backend by backend, with a key and what it signs.
fn each_backend(mut work: impl FnMut(&str, &Backends, &SigningKey)) {
    for suite in Suite::ALL {
        let key = SigningKey::generate(suite).expect("a key");
        for candidate in backend::ALL.into_iter().filter(|backend| backend.serves(suite)) {
            let backends = Backends::only(candidate.name).expect("a known backend");
            work(&format!("{suite}/{}", candidate.name), &backends, &key);
        }
    }
}

fn bench_sign(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sign");
    group.throughput(Throughput::Elements(BURST as u64));
    each_backend(|name, backends, key| {
        let jobs = [SignJob { key, message: &MESSAGE }; BURST];
        let mut out = [Signature::default(); BURST];
        group.bench_function(name, |bencher| bencher.iter(|| backends.sign_batch(black_box(&jobs), &mut out)));
    });
    group.finish();
}

fn bench_verify(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("verify");
    group.throughput(Throughput::Elements(BURST as u64));
    each_backend(|name, backends, key| {
        let signature = backends.sign(&SignJob { key, message: &MESSAGE }).expect("a signature");
        let job = VerifyJob { key: key.verifying_key(), message: &MESSAGE, signature: signature.as_bytes() };
        let (jobs, mut valid) = ([job; BURST], [false; BURST]);
        group.bench_function(name, |bencher| bencher.iter(|| backends.verify_batch(black_box(&jobs), &mut valid)));
        assert_eq!(valid, [true; BURST], "{name}");
    });
    group.finish();
}

/// Short runs: these are for people who change something and look.
fn quick() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20)
}

criterion_group! { name = crypto; config = quick(); targets = bench_sign, bench_verify }
criterion_main!(crypto);
