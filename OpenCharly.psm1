# The engine, the cmdlets and the libraries that they need load into an assembly load context of their own, so that
# another module may bring another version of any library. PowerShell finds types by name, such as
# [OpenCharly.Plans.InstallPlan], only in assemblies that it imported itself: hence Import-Module for both.

# Built beside this file in an installed module; in the source tree, by ./build.ps1 or dotnet build.
$library = Join-Path $PSScriptRoot 'lib'
if (-not (Test-Path -LiteralPath $library)) {
    $version = (Import-PowerShellDataFile -LiteralPath (Join-Path $PSScriptRoot 'OpenCharly.psd1')).ModuleVersion
    $library = Join-Path $PSScriptRoot "out/module/OpenCharly/$version/lib"
}
if (-not (Test-Path -LiteralPath $library)) {
    throw "The module is not built: run ./build.ps1, or dotnet build src/OpenCharly.PowerShell"
}

if (-not ('OpenCharly.PowerShell.Loader.ModuleContext' -as [type])) {
    $null = [System.Reflection.Assembly]::LoadFrom((Join-Path $library 'OpenCharly.PowerShell.Loader.dll'))
}

$inner = foreach ($assembly in [OpenCharly.PowerShell.Loader.ModuleContext]::LoadModule($library)) {
    Import-Module -Assembly $assembly -PassThru
}

# PowerShell would find the inner modules still loaded when this one is imported again, and export nothing of them.
$ExecutionContext.SessionState.Module.OnRemove = { Remove-Module -ModuleInfo $inner -Force }
