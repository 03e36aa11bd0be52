#!/usr/bin/env pwsh
<#
.SYNOPSIS
Builds, tests and checks OpenCharly.

.DESCRIPTION
Build makes the solution and the module below out/module. Test runs the unit tests and the Pester suites. Analyze runs
PSScriptAnalyzer over all scripts. Help brings the help pages in line with the cmdlets. Clean removes what was built.
Machines without PowerShell build the same module with: dotnet build src/OpenCharly.PowerShell

.EXAMPLE
./build.ps1 -Task Build, Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'UnitTest', 'Pester', 'Analyze', 'Help', 'Clean')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
$manifest = Import-PowerShellDataFile (Join-Path $PSScriptRoot 'OpenCharly.psd1')
$module = Join-Path $PSScriptRoot "out/module/OpenCharly/$($manifest.ModuleVersion)/OpenCharly.psd1"

function Invoke-Build([string] $Configuration) {
    dotnet build (Join-Path $PSScriptRoot 'src/OpenCharly.PowerShell') --configuration $Configuration --nologo
}

function Invoke-UnitTest {
    dotnet test (Join-Path $PSScriptRoot 'tests/OpenCharly.Tests') --nologo
}

# In a process of its own: a module's assemblies stay loaded, so that this session could not build them again.
function Invoke-PesterSuite {
    pwsh -NoProfile -File (Join-Path $PSScriptRoot 'tests/Pester/Run.ps1') -Module $module
}

function Invoke-Analysis {
    $scripts = Get-ChildItem $PSScriptRoot -Recurse -Include *.ps1, *.psm1, *.psd1 -File | Where-Object FullName -NotMatch '/(out|bin|obj)/'
    $findings = @(foreach ($script in $scripts) {
        # Pester carries variables from block to block and hands parameters to them, which these two rules can't see.
        $blind = $script.Name -like '*.Tests.ps1' ? @('PSReviewUnusedParameter', 'PSUseDeclaredVarsMoreThanAssignments') : @()
        Invoke-ScriptAnalyzer -Path $script.FullName -Severity Error, Warning -ExcludeRule $blind
    })
    $findings | Format-Table RuleName, ScriptName, Line, Message -Wrap | Out-Host
    if ($findings.Count) { throw "PSScriptAnalyzer has $($findings.Count) findings" }
    "PSScriptAnalyzer: $(@($scripts).Count) files, no findings"
}

function Invoke-HelpUpdate {
    pwsh -NoProfile -File (Join-Path $PSScriptRoot 'src/OpenCharly.PowerShell.HelpBuild/Update-HelpPage.ps1') -Module $module -Source (Join-Path $PSScriptRoot 'docs/help')
}

foreach ($name in $Task) {
    switch ($name) {
        Build { Invoke-Build $Configuration }
        UnitTest { Invoke-UnitTest }
        Pester { Invoke-PesterSuite }
        Test { Invoke-UnitTest; Invoke-PesterSuite }
        Analyze { Invoke-Analysis }
        Help { Invoke-HelpUpdate }
        Clean { dotnet clean (Join-Path $PSScriptRoot 'src/OpenCharly.PowerShell') --nologo }
    }
}
