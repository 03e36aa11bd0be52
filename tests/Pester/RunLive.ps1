<#
.SYNOPSIS
Makes a real virtual machine with the module itself, runs all Pester suites against it, and removes it.

.DESCRIPTION
Home, configuration and state live in a temporary folder, so that the user's ~/.ssh/config is left alone; the base image is
kept in the user's cache. The last line of output
is that of Run.ps1: Passed N Failed N Skipped N.
#>
[CmdletBinding()]
param(
    # Manifest of the built module; the newest below out/module if left out.
    [string] $Module
)

$ErrorActionPreference = 'Stop'
if (-not $Module) {
    $Module = Get-ChildItem (Join-Path $PSScriptRoot '../../out/module/OpenCharly') -Directory |
        Sort-Object { [version]$_.Name } | Select-Object -Last 1 |
        ForEach-Object { Join-Path $_.FullName 'OpenCharly.psd1' }
}

$folder = Join-Path ([IO.Path]::GetTempPath()) "charly-pester-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
$project = Join-Path $folder project
New-Item -ItemType Directory -Path $project, "$folder/run", "$folder/home", "$project/candy/note" | Out-Null
if (-not $env:XDG_CACHE_HOME) { $env:XDG_CACHE_HOME = Join-Path $env:HOME '.cache' }
$env:HOME = "$folder/home"
$env:XDG_CONFIG_HOME = "$folder/config"
$env:XDG_DATA_HOME = "$folder/data"
$env:XDG_RUNTIME_DIR = "$folder/run"
@'
version: 2026.163.0928
vm:
  pester:
    source: {kind: bootstrap, builder: debootstrap, distro: debian, suite: trixie}
    disk_size: 4G
    ram: 768M
    ssh: {user: tester, port_auto: true, key_source: generate}
'@ | Set-Content "$project/charly.yml"
@'
candy:
  name: note
  version: 2026.180.1200
  env:
    NOTE: here
  task:
    - write: /etc/note.conf
      content: a note
      user: root
    - mkdir: ~/notes
      user: ${USER}
'@ | Set-Content "$project/candy/note/charly.yml"

function Invoke-Module([string] $Script) {
    # In a process of its own, so that the suites meet a fresh one.
    pwsh -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; Import-Module '$Module'; Set-Location '$project'; $Script" | Out-Host
    if ($LASTEXITCODE -ne 0) { throw "failed: $Script" }
}

try {
    Invoke-Module 'Build-CharlyVm pester; New-CharlyVm pester -Start; Wait-CharlyVm pester -For CloudInit -TimeoutSec 600'
    $env:CHARLY_PESTER_PROJECT = $project
    $env:CHARLY_PESTER_VM = 'pester'
    $env:CHARLY_PESTER_CANDY = 'note'
    & "$PSScriptRoot/Run.ps1" -Module $Module -Live
}
finally {
    Invoke-Module 'Remove-CharlyVm pester -Disk -Confirm:$false'
    Remove-Item -Recurse -Force $folder
}
