@echo off
rem Runs the measureflow command on Windows: finds a JDK, builds the project when that is due, and starts it.
rem What the shell script "measureflow" does, without its archive of classes and without TornadoVM.
rem
rem   MEASUREFLOW_JAVA_OPTS  further options of the JVM, for example -Xmx4g
rem   MEASUREFLOW_CLASSPATH  jars with families, activations, backends or datasets of one's own, separated by semicolons
rem
rem What it makes lies in .build\launcher-windows and may be deleted at any time.
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0.mvn\measureflow.ps1" %*
exit /b %ERRORLEVEL%
