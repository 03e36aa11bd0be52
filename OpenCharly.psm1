# The engine, the cmdlets and the libraries that they need load into an assembly load context of their own, so that
# another module may bring another version of any library. PowerShell finds types by name, such as
# [OpenCharly.Plans.InstallPlan], only in assemblies that it imported itself: hence Import-Module for both.

# Plain .NET calls instead of cmdlets: Join-Path and the like would load a module of their own first.
# The libraries stand beside this file in a built module; in the source tree they are below out, made by ./build.ps1 or
# dotnet build.
$library = "$PSScriptRoot/lib"
if (-not [System.IO.Directory]::Exists($library)) {
    $version = $ExecutionContext.SessionState.Module.Version
    if ("$version" -eq '0.0') { $version = (Import-PowerShellDataFile -LiteralPath "$PSScriptRoot/OpenCharly.psd1").ModuleVersion }
    $library = "$PSScriptRoot/out/module/OpenCharly/$version/lib"
}
if (-not [System.IO.Directory]::Exists($library)) {
    throw 'The module is not built: run ./build.ps1, or dotnet build src/OpenCharly.PowerShell'
}

if (-not ('OpenCharly.PowerShell.Loader.ModuleContext' -as [type])) {
    $null = [System.Reflection.Assembly]::LoadFrom("$library/OpenCharly.PowerShell.Loader.dll")
}

$inner = foreach ($assembly in [OpenCharly.PowerShell.Loader.ModuleContext]::LoadModule($library)) {
    Import-Module -Assembly $assembly -PassThru
}

# A snapshot binds to -Vm and -Snapshot at once. Not a file of types: that can't be imported twice, as by another copy of the module.
Update-TypeData -TypeName OpenCharly.Vms.VmSnapshot -MemberType AliasProperty -MemberName Snapshot -Value Name -Force

# PowerShell would find the inner modules still loaded when this one is imported again, and export nothing of them.
$ExecutionContext.SessionState.Module.OnRemove = { Remove-Module -ModuleInfo $inner -Force }
