# Called by measureflow.cmd. Windows PowerShell 5.1 and PowerShell 7 run it.
$ErrorActionPreference = 'Stop'
$root = Split-Path -Parent $PSScriptRoot
$build = Join-Path $root '.build\launcher-windows'
$stamp = Join-Path $build 'stamp'

function Stop-With([int] $code, [string[]] $lines) {
  [Console]::Error.WriteLine('measureflow: ' + $lines[0])
  foreach ($line in ($lines | Select-Object -Skip 1)) { [Console]::Error.WriteLine('  ' + $line) }
  exit $code
}

# A JDK says its version in its file "release", so that no JVM has to be started to ask.
function Test-Jdk([string] $folder) {
  if (-not $folder) { return $false }
  $release = Join-Path $folder 'release'
  if (-not (Test-Path -LiteralPath (Join-Path $folder 'bin\java.exe')) -or -not (Test-Path -LiteralPath $release)) {
    return $false
  }
  $version = Select-String -LiteralPath $release -Pattern '^JAVA_VERSION="?(\d+)' | Select-Object -First 1
  return $version -and ([int] $version.Matches[0].Groups[1].Value -ge 25)
}

function Find-Jdk {
  $folders = @($env:JAVA_HOME)
  $onPath = Get-Command java.exe -ErrorAction SilentlyContinue | Select-Object -First 1
  if ($onPath) { $folders += Split-Path -Parent (Split-Path -Parent $onPath.Source) }
  foreach ($place in @("$env:ProgramFiles\Java", "$env:ProgramFiles\Eclipse Adoptium", "$env:ProgramFiles\Microsoft",
      "$env:ProgramFiles\Zulu", "$env:ProgramFiles\Amazon Corretto", "$env:USERPROFILE\.jdks", "$env:USERPROFILE\.m2\jdks")) {
    if (Test-Path -LiteralPath $place) {
      $folders += Get-ChildItem -LiteralPath $place -Directory | ForEach-Object { $_.FullName }
    }
  }
  foreach ($folder in $folders) { if (Test-Jdk $folder) { return $folder } }
  return $null
}

# Whether the arguments name the backend nd4j, with or without a device. The same patterns as in the shell script; a test
# compares the two.
function Test-WantsNd4j([string[]] $words) {
  $patterns = '--backend=nd4j', '--backend=nd4j:*', '--set=backend*=*nd4j*', '--set=measureflow.backend*=*nd4j*'
  $option = ''
  foreach ($word in $words) {
    foreach ($pattern in $patterns) { if ("$option$word" -clike $pattern) { return $true } }
    $option = if ($word -ceq '--backend' -or $word -ceq '--set') { "$word=" } else { '' }
  }
  return $false
}

function Test-HasNd4j {
  return Test-Path -Path (Join-Path $build 'lib\measureflow-backend-nd4j-*.jar')
}

function Test-Built {
  if (-not (Test-Path -LiteralPath $stamp)) { return $false }
  if ($nd4j -and -not (Test-HasNd4j)) { return $false }
  $built = (Get-Item -LiteralPath $stamp).LastWriteTimeUtc
  $sources = @(Get-Item -LiteralPath (Join-Path $root 'pom.xml'))
  $sources += Get-ChildItem -LiteralPath (Join-Path $root '.mvn') -File
  foreach ($module in (Get-ChildItem -LiteralPath $root -Directory)) {
    $pom = Join-Path $module.FullName 'pom.xml'
    if (Test-Path -LiteralPath $pom) {
      $sources += Get-Item -LiteralPath $pom
      $main = Join-Path $module.FullName 'src\main'
      if (Test-Path -LiteralPath $main) { $sources += Get-ChildItem -LiteralPath $main -Recurse }
    }
  }
  return -not ($sources | Where-Object { $_.LastWriteTimeUtc -gt $built } | Select-Object -First 1)
}

function Invoke-Build([string] $jdk) {
  $maven = Get-Command mvn.cmd -ErrorAction SilentlyContinue | Select-Object -First 1
  if (-not $maven) {
    Stop-With 2 @('Maven is needed to build MeasureFlow, and the command mvn was not found.',
      'Install Maven 3.8.7 or newer and try again.')
  }
  if ($nd4j -and -not (Test-HasNd4j)) {
    [Console]::Error.WriteLine('Building MeasureFlow with the backend nd4j (once; Maven fetches about 125 MB for it) ...')
  } else {
    [Console]::Error.WriteLine('Building MeasureFlow (Maven may have to download libraries) ...')
  }
  $new = "$build.new"
  $log = "$build.log"
  if (Test-Path -LiteralPath $new) { Remove-Item -LiteralPath $new -Recurse -Force }
  New-Item -ItemType Directory -Path $new -Force | Out-Null
  # Its time is that of the beginning of the build: what changes meanwhile is built again.
  New-Item -ItemType File -Path (Join-Path $new 'stamp.new') | Out-Null
  # Maven itself runs on the user's Java; the variable shows its toolchain plugin the JDK found here.
  $env:JAVA25_HOME = $jdk
  if (-not $env:JAVA_HOME) { $env:JAVA_HOME = $jdk }
  Push-Location -LiteralPath $root
  try {
    # What native programs write to standard error is no error of PowerShell's.
    $ErrorActionPreference = 'Continue'
    & $maven.Source -B -q '-Dmaven.test.skip' '-Dspotless.check.skip' '-Denforcer.skip' '-DfailOnWarning=false' package -pl cli -am @nd4j *> $log
    $code = $LASTEXITCODE
  } finally {
    $ErrorActionPreference = 'Stop'
    Pop-Location
  }
  if ($code -ne 0) {
    Get-Content -LiteralPath $log | ForEach-Object { [Console]::Error.WriteLine($_) }
    Stop-With 1 @("the build failed; the messages of Maven are above and in $log.")
  }
  Copy-Item -LiteralPath (Join-Path $root 'cli\target\measureflow\lib') -Destination (Join-Path $new 'lib') -Recurse
  $old = "$build.old"
  if (Test-Path -LiteralPath $old) { Remove-Item -LiteralPath $old -Recurse -Force }
  if (Test-Path -LiteralPath $build) {
    try {
      # Moved as a whole or not at all: Windows moves no folder whose files are open.
      Move-Item -LiteralPath $build -Destination $old
    } catch {
      Stop-With 1 @("the build before this one is in use: $build.", 'End the measureflow that is running, and try again.')
    }
    Remove-Item -LiteralPath $old -Recurse -Force
  }
  Move-Item -LiteralPath $new -Destination $build
  if ($nd4j) { New-Item -ItemType File -Path $nd4jWanted -Force | Out-Null }
  Rename-Item -LiteralPath (Join-Path $build 'stamp.new') -NewName 'stamp'
}

# The backend nd4j joins the build when arguments name it for the first time; the file then tells later builds.
$nd4jWanted = Join-Path $root '.build\nd4j'
$nd4j = @()
if ((Test-Path -LiteralPath $nd4jWanted) -or (Test-WantsNd4j $args)) { $nd4j = @('-Pnd4j') }

$jdk = Find-Jdk
if (-not $jdk) {
  $shown = if ($env:JAVA_HOME) { $env:JAVA_HOME } else { 'not set' }
  Stop-With 2 @('a JDK 25 or newer is needed, and none was found.',
    "Looked in JAVA_HOME ($shown), on the PATH, in Program Files, .jdks and .m2\jdks.",
    'Install one (for example from https://adoptium.net) or point JAVA_HOME at it, and try again.')
}
if (-not (Test-Built)) {
  New-Item -ItemType Directory -Path (Join-Path $root '.build') -Force | Out-Null
  # One build at a time; whoever waited finds it done. The system lets go of the file when this process ends.
  $lock = $null
  while (-not $lock) {
    try {
      $lock = [IO.File]::Open((Join-Path $root '.build\lock-windows'), 'OpenOrCreate', 'ReadWrite', 'None')
    } catch [IO.IOException] {
      Start-Sleep -Seconds 1
    }
  }
  if (-not (Test-Built)) { Invoke-Build $jdk }
  $lock.Dispose()
}

$classPath = Join-Path $build 'lib\measureflow.jar'
if ($env:MEASUREFLOW_CLASSPATH) { $classPath += ';' + $env:MEASUREFLOW_CLASSPATH }
$own = @()
if ($env:MEASUREFLOW_JAVA_OPTS) { $own = @($env:MEASUREFLOW_JAVA_OPTS.Trim() -split '\s+') }
# The collector with the fastest start. Users may name another.
$collector = @()
if (-not ($own -match '^-XX:\+Use\w*GC$')) { $collector = @('-XX:+UseSerialGC') }
# The same options as in the shell script "measureflow"; a test compares the two.
$options = @(
  '-Xlog:disable', '-Xlog:all=error,aot*=off,cds*=off:stderr'
  $collector
  '-XX:CompileCommand=quiet'
  # Until they are compiled, explicit vectors are objects and kernels a hundred times slower: no waiting for a profile.
  '-XX:CompileCommand=CompileThresholdScaling,io.measureflow.simd.kernels.Vector*::*,0.001'
  '--add-modules', 'jdk.incubator.vector', '--add-opens=java.base/java.nio=ALL-UNNAMED'
  '--enable-native-access=ALL-UNNAMED', '--sun-misc-unsafe-memory-access=allow'
  '-Djava.awt.headless=true', '-Dguice_bytecode_gen_option=DISABLED'
)
$ErrorActionPreference = 'Continue'
& (Join-Path $jdk 'bin\java.exe') @options @own -cp $classPath io.measureflow.cli.Main @args
exit $LASTEXITCODE
