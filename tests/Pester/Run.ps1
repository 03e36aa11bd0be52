<#
.SYNOPSIS
Runs the Pester suites against a built module, and ends with one line: Passed N Failed N Skipped N.

.DESCRIPTION
Suites tagged Live need a machine. They run with -Live, which needs:
CHARLY_PESTER_PROJECT  folder of a project with a virtual machine,
CHARLY_PESTER_VM       name of that machine, built and running,
CHARLY_PESTER_CANDY    a candy that may be added to it and removed again.
#>
[CmdletBinding()]
param(
    # Manifest of the built module; the newest below out/module if left out.
    [string] $Module,

    # Runs the live suites as well.
    [switch] $Live,

    # Only suites whose file name matches.
    [string] $Filter = '*',

    [ValidateSet('None', 'Normal', 'Detailed')]
    [string] $Output = 'Normal'
)

$ErrorActionPreference = 'Stop'
if (-not $Module) {
    $root = Join-Path $PSScriptRoot '../../out/module/OpenCharly'
    $newest = Get-ChildItem $root -Directory -ErrorAction Ignore | Sort-Object { [version]$_.Name } | Select-Object -Last 1
    if (-not $newest) { throw "No module below ${root}: run dotnet build src/OpenCharly.PowerShell first" }
    $Module = Join-Path $newest.FullName 'OpenCharly.psd1'
}

$Module = (Resolve-Path -LiteralPath $Module).ProviderPath
Import-Module Pester -MinimumVersion 5.5 -MaximumVersion 5.99
$files = Get-ChildItem $PSScriptRoot -Filter "$Filter.Tests.ps1"
$configuration = New-PesterConfiguration
$configuration.Run.Container = @($files | ForEach-Object { New-PesterContainer -Path $_.FullName -Data @{ Module = $Module } })
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = $Output
if (-not $Live) { $configuration.Filter.ExcludeTag = 'Live' }
$result = Invoke-Pester -Configuration $configuration
$skipped = $result.SkippedCount + $result.NotRunCount
"Passed $($result.PassedCount) Failed $($result.FailedCount) Skipped $skipped"
exit ($result.FailedCount -gt 0 -or $result.FailedContainersCount -gt 0 -or $result.PassedCount -eq 0 ? 1 : 0)
