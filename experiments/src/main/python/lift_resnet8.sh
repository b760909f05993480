#!/bin/sh
# Trains resnet8 in PyTorch, imports it, lifts it, trains it on as measures, and samples it back.
# Prints the accuracy on the test images after each step.
#
#   experiments/src/main/python/lift_resnet8.sh DATA OUT [EPOCHS [EPOCHS_ON [SPREAD [ROWS]]]]
#
# DATA is a folder of CIFAR-10 (binary version), OUT a new folder for all files. EPOCHS in PyTorch, EPOCHS_ON of
# measures; a SPREAD of 0 trains points. ROWS limits the training images in PyTorch, for a quick try. PYTHON and
# MEASUREFLOW name the programs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$1
out=$2
epochs=${3:-12}
on=${4:-3}
spread=${5:-0.05}
rows=${6:-0}
python=${PYTHON:-python3}
measureflow=${MEASUREFLOW:-$here/../../../../measureflow}
mkdir "$out"

measure() {
  "$measureflow" evaluate --model "$2" --dataset cifar10 --data "$data" > "$out/$1.txt" 2> "$out/$1.log"
  echo "$1: $(grep '^accuracy' "$out/$1.txt"), $(grep '^loss' "$out/$1.txt")"
}

"$python" "$here/train_resnet8.py" --data "$data" --output "$out/torch.safetensors" --epochs "$epochs" --rows "$rows"
"$measureflow" import --from "$out/torch.safetensors" --model resnet8 --mapping "$here/resnet8.mapping" \
  --dataset cifar10 --data "$data" --output "$out/imported.safetensors" > "$out/imported-layers.txt"
measure imported "$out/imported.safetensors"
"$measureflow" lift --model "$out/imported.safetensors" --output "$out/points.safetensors" > "$out/points-layers.txt"
measure lifted "$out/points.safetensors"
family=isotropic
[ "$spread" = 0 ] && family=dirac
"$measureflow" lift --model "$out/imported.safetensors" --family "$family" --spread "$spread" \
  --output "$out/lifted.safetensors" > "$out/lifted-layers.txt"
measure spread "$out/lifted.safetensors"
"$measureflow" train --init "$out/lifted.safetensors" --dataset cifar10 --data "$data" --out "$out/trained" \
  --epochs "$on" --flow adam --learning-rate 0.001 --set training.rate-factors.out_mean=10 --schedule cosine \
  --set training.augment.shift=3 --set training.augment.flip=true
measure trained "$out/trained"
for neurons in 1x 4x 16x; do
  "$measureflow" sample --model "$out/trained" --neurons $neurons --output "$out/sampled-$neurons.safetensors" \
    > "$out/sampled-$neurons-layers.txt"
  measure "sampled-$neurons" "$out/sampled-$neurons.safetensors"
done
