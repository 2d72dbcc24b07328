#!/usr/bin/env bash
# FFmpeg 7.0.2 (the binary in the wheel imageio-ffmpeg 0.6.0) and OpenCV 4.12: pictures out of a video whose frames are
# not evenly spaced.
#
# Guess before the run: FFmpeg repeats some frames (right, but few of them, not more than a hundred); OpenCV counts
#   duration times rate (right).
# Most people expect: the same; a video of three frames gives three pictures.
# Seen: for picture files FFmpeg makes the frame rate constant: three frames over five seconds become more than a
#   hundred PNGs, most of them copies (a style transfer of each would cost forty times the work). `-fps_mode
#   passthrough` writes three. OpenCV reads three frames after it has announced duration times nominal rate.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check numpy==2.2.6 imageio-ffmpeg==0.6.0 opencv-python-headless==4.12.0.88
ffmpeg=$(venv/bin/python -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())')
"$ffmpeg" -version | sed -n 1p | cut -d' ' -f1-3

mkdir plain passed
"$ffmpeg" -v error -f lavfi -i testsrc=size=64x64:rate=10:duration=0.3 frame%d.png
cat >frames.txt <<'LIST'
ffconcat version 1.0
file frame1.png
duration 0.1
file frame2.png
duration 4.9
file frame3.png
LIST
"$ffmpeg" -v error -i frames.txt -fps_mode passthrough video.mkv
"$ffmpeg" -v error -i video.mkv plain/%d.png
"$ffmpeg" -v error -i video.mkv -fps_mode passthrough passed/%d.png
plain=$(find plain -name '*.png' | wc -l)
passed=$(find passed -name '*.png' | wc -l)
contents=$(sha256sum plain/*.png | cut -d' ' -f1 | sort -u | wc -l)
echo "PNGs: $plain of $contents different contents; with -fps_mode passthrough: $passed"
read -r announced counted < <(venv/bin/python - <<'PY'
import cv2

video = cv2.VideoCapture("video.mkv")
announced, counted = int(video.get(cv2.CAP_PROP_FRAME_COUNT)), 0
while video.read()[0]:
    counted += 1
print(announced, counted)
PY
)
echo "OpenCV: CAP_PROP_FRAME_COUNT $announced, frames read $counted"
if ((plain < 50 || contents != 3 || passed != 3 || announced < 50 || counted != 3)); then
  echo 'the behavior has changed' >&2
  exit 1
fi
